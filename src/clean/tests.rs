use super::*;

fn cleaned(text: &str) -> String {
    let bytes = clean(VR::LO, text.as_bytes(), b"ISO_IR 192", &Identifiers::default());
    String::from_utf8(bytes.unwrap_or_else(|| text.as_bytes().to_vec())).unwrap()
}

#[test]
fn words_of_radiology_stay_and_others_go() {
    for (text, left) in
        [("AX T1 BRAIN W/ CONTRAST", "AX T1 BRAIN W/ CONTRAST"), ("AX T1 BRAIN DR SMITH 4711", "AX T1 BRAIN")]
    {
        assert_eq!(cleaned(text), left);
    }
}
