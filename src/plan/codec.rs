//! A [`Plan`] as bytes: settings are compiled once, and each worker's engine is handed what came of it, so that the engine
//! need not know how settings are read.
//!
//! The form is nobody's but this version's: fields one after the other, counts before what they count. A head that only the
//! same version writes and a checksum keep other bytes out; what is read is checked all the same, since a rule that is not
//! there must not be looked up in the middle of a file.

use super::claims::{Claims, Dates};
use super::layer::Layer;
use super::lookups::Lookups;
use super::{Action, Fallback, Plan, Project, STRUCTURES, Source};
use crate::config::{
    Address, DateShift, Extent, MOST_HASH, MOST_ROOT, MOST_SHIFT_DAYS, Macro, Missing, Preset, ProfileOption,
    ProfileOptions, Segment, Template,
};
use crate::error::{Code, Error};
use crate::lookup::Index;
use crate::profile::data;
use crate::profile::dictionary::dictionary;
use crate::profile::{SafePrivate, safe_private};
use crate::risk::Policy;
use crate::{Tag, VR};
use std::borrow::Cow;
use std::sync::Arc;

/// What stands before the fields names the form; raise the number when it changes.
const FORM: &[u8] = concat!("Lethe plan 1, ", env!("CARGO_PKG_VERSION")).as_bytes();

/// The compound codes of Table E.1-1.
const COMPOUND: [&str; 5] = ["X/D", "X/Z", "X/Z/D", "X/Z/U*", "Z/D"];

pub(super) fn encode(plan: &Plan) -> Vec<u8> {
    let mut bytes = FORM.to_vec();
    bytes.extend_from_slice(&data::edition().to_le_bytes());
    plan.write(&mut bytes);
    let sum = data::checksum(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

pub(super) fn decode(bytes: &[u8]) -> Result<Plan, Error> {
    let refused = |message| Error::new(Code::Internal, message);
    let edition = data::edition().to_le_bytes();
    let Some(rest) = bytes.strip_prefix(FORM).and_then(|rest| rest.strip_prefix(&edition)) else {
        return Err(refused("the compiled settings are of another version than the engine; reload"));
    };
    read_whole(bytes, rest).ok_or_else(|| refused("the compiled settings are damaged"))
}

/// The plan in `rest`, with which `bytes` ends, if all of it is as it was written.
fn read_whole(bytes: &[u8], rest: &[u8]) -> Option<Plan> {
    let (summed, sum) = bytes.split_last_chunk()?;
    let (fields, _) = rest.split_last_chunk::<8>()?;
    if data::checksum(summed).to_le_bytes() != *sum {
        return None;
    }
    let mut fields = Fields { rest: fields, damaged: false };
    let plan = Plan::read(&mut fields);
    (fields.rest.is_empty() && !fields.damaged && holds_together(&plan)).then_some(plan)
}

/// Whether everything that a plan points to is there, and what is searched is in order.
fn holds_together(plan: &Plan) -> bool {
    let rule = |rule: &u16| plan.rules.get(usize::from(*rule)).is_some();
    let Fallback { curves, overlays, unassigned, creators, structures } = &plan.fallback;
    let fallback = [curves, overlays, unassigned].into_iter().chain(creators).chain(structures).all(rule);
    let layers = plan.layers.iter().flat_map(Layer::rules).all(|(_, own)| rule(own));
    let insertions = plan.insertions.iter().all(|(_, own)| rule(own));
    let sorted = plan.insertions.is_sorted_by(|(a, _), (b, _)| a < b)
        && plan.referenced.is_sorted()
        && plan.wants_value.is_sorted();
    let attributes = plan.by_attribute.len() == dictionary().all().len() && plan.by_attribute.iter().all(rule);
    let is_longer = |action: &Action| matches!(action, Action::Hash(Some(length)) if *length > MOST_HASH);
    let lengths = !plan.rules.iter().any(|(action, _)| is_longer(action));
    let shift = match plan.date_shift {
        DateShift::Back { least, most } => least <= most && most <= MOST_SHIFT_DAYS,
        DateShift::Fixed(days) => days.unsigned_abs() <= MOST_SHIFT_DAYS.into(),
    };
    let root = plan.uid_root.as_ref().is_none_or(|root| root.len() <= MOST_ROOT);
    fallback && layers && insertions && sorted && attributes && lengths && shift && root
}

/// What can be written, and read again.
trait Coded: Sized {
    fn write(&self, to: &mut Vec<u8>);
    fn read(from: &mut Fields<'_>) -> Self;
}

/// What is left to read, and whether any of it meant nothing. Where the bytes end or mean nothing, what is read is zeros from
/// there on, and of no use: that is asked once, in the end. (To give up wherever that can happen is three times the code.)
struct Fields<'a> {
    rest: &'a [u8],
    damaged: bool,
}

impl<'a> Fields<'a> {
    #[inline(never)] // nor the next two: they are in a hundred places, and are called once
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).filter(|_| !self.damaged).unwrap_or_default();
        self.damaged |= taken.len() != count;
        self.rest = rest;
        taken
    }

    #[inline(never)]
    fn number(&mut self, bytes: usize) -> u64 {
        self.take(bytes).iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// What was read, or something in its place where it meant nothing.
    fn sound<T>(&mut self, read: Option<T>, otherwise: T) -> T {
        self.damaged |= read.is_none();
        read.unwrap_or(otherwise)
    }

    /// How many values follow. Each takes a byte at least, so that a count is not believed before they are there.
    #[inline(never)]
    fn count(&mut self) -> usize {
        let count = u32::read(self) as usize;
        let all = (count <= self.rest.len()).then_some(count);
        self.sound(all, 0)
    }
}

/// A structure: its fields in this order.
macro_rules! fields {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl Coded for $name {
            fn write(&self, to: &mut Vec<u8>) {
                let $name { $($field),+ } = self;
                $($field.write(to);)+
            }

            fn read(from: &mut Fields<'_>) -> Self {
                $name { $($field: Coded::read(from)),+ }
            }
        }
    };
}

/// An enumeration: a number for each variant, before what it holds.
macro_rules! variants {
    ($name:ident { $($number:literal $variant:ident $(($field:ident))? $({ $($named:ident),+ })?),+ $(,)? }) => {
        impl Coded for $name {
            fn write(&self, to: &mut Vec<u8>) {
                match self {
                    $($name::$variant $(($field))? $({ $($named),+ })? => {
                        to.push($number);
                        $($field.write(to);)?
                        $($($named.write(to);)+)?
                    })+
                }
            }

            fn read(from: &mut Fields<'_>) -> Self {
                match u8::read(from) {
                    $($number => $name::$variant
                        $(({ let $field = Coded::read(from); $field }))?
                        $({ $($named: Coded::read(from)),+ })?,)+
                    _ => {
                        // All that follows is zeros, and each enumeration has a variant of that number.
                        from.damaged = true;
                        Self::read(from)
                    }
                }
            }
        }
    };
}

fields!(Plan {
    preset,
    date_shift,
    uid_root,
    verifies,
    clean_frames,
    clear_unused_bits,
    risks,
    claims,
    cleans_content,
    caps_ages,
    project,
    rules,
    by_attribute,
    layers,
    names_private,
    fallback,
    insertions,
    referenced,
    wants_value,
    lookup,
});
fields!(Project { name, owner, prefix });
fields!(Fallback { curves, overlays, unassigned, creators, structures });
fields!(Claims { basic, options, dates });
fields!(Lookups { columns, key, missing, table });
fields!(Index { columns, rows });

variants!(Preset { 0 Default, 1 Profile, 2 None });
variants!(DateShift { 0 Back { least, most }, 1 Fixed(days) });
variants!(Policy { 0 Refuse, 1 Warn, 2 Pass, 3 Blank });
variants!(Dates { 0 Unmodified, 1 Modified, 2 Removed });
variants!(Missing { 0 Refuse, 1 Pseudonym });
variants!(Extent { 0 Elements, 1 Groups, 2 Group, 3 GroupsElements, 4 WholeGroups });
variants!(Address { 0 Private { group, creator, element }, 1 Tag(tag), 2 Many { extent, first } });
variants!(Segment { 0 Text(text), 1 Macro(name), 2 Lookup(column) });
variants!(Macro {
    0 ProjectName, 1 ProjectOwner, 2 ProjectPrefix, 3 ProcessDate, 4 ProcessTime, 5 RandomUid, 6 FakeName, 7 FakeMrn,
    8 FakeAcc, 9 HashAcc, 10 Value(tag),
});
variants!(Source {
    0 Entry { section, key }, 1 Row { row, code, option }, 2 SafePrivate(row), 3 Preset(rule), 4 Option(option),
    5 Structure(what),
});
variants!(Action {
    0 Keep, 1 KeepValid, 2 KeepAs(vr), 3 Remove, 4 Clear, 5 Set(template), 6 TruncDate, 7 TruncMonth, 8 ShiftDate,
    9 BirthDate, 10 Uid, 11 Hash(length), 12 Age, 13 Refuse, 14 Dummy, 15 Clean, 16 Coded, 17 ByType(code), 18 CleanText,
    19 CapAge,
});
variants!(ProfileOption {
    0 RetainSafePrivate, 1 RetainUids, 2 RetainDeviceIdentity, 3 RetainInstitutionIdentity,
    4 RetainPatientCharacteristics, 5 RetainFullDates, 6 RetainModifiedDates, 7 CleanDescriptors,
    8 CleanStructuredContent, 9 CleanGraphics,
});

/// Numbers, the lowest byte first.
macro_rules! numbers {
    ($($kind:ty),+) => {
        $(impl Coded for $kind {
            fn write(&self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }

            fn read(from: &mut Fields<'_>) -> Self {
                from.number(size_of::<$kind>()) as $kind
            }
        })+
    };
}

numbers!(u8, u16, u32, i32);

impl Coded for bool {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    fn read(from: &mut Fields<'_>) -> Self {
        let number = u8::read(from);
        from.damaged |= number > 1;
        number == 1
    }
}

impl<T: Coded> Coded for Option<T> {
    fn write(&self, to: &mut Vec<u8>) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut Fields<'_>) -> Self {
        bool::read(from).then(|| T::read(from))
    }
}

fn write_all<T: Coded>(values: &[T], to: &mut Vec<u8>) {
    write_count(values.len(), to);
    values.iter().for_each(|value| value.write(to));
}

/// What is longer than 4 GiB is settings of nobody; it could not be read again, which is an error and no other plan.
fn write_count(count: usize, to: &mut Vec<u8>) {
    u32::try_from(count).unwrap_or(u32::MAX).write(to);
}

impl<T: Coded> Coded for Vec<T> {
    fn write(&self, to: &mut Vec<u8>) {
        write_all(self, to);
    }

    fn read(from: &mut Fields<'_>) -> Self {
        let mut values = Vec::new();
        for _ in 0..from.count() {
            values.push(T::read(from));
        }
        values
    }
}

impl<T: Coded, const N: usize> Coded for [T; N] {
    fn write(&self, to: &mut Vec<u8>) {
        self.iter().for_each(|value| value.write(to));
    }

    fn read(from: &mut Fields<'_>) -> Self {
        std::array::from_fn(|_| T::read(from))
    }
}

impl<A: Coded, B: Coded> Coded for (A, B) {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Fields<'_>) -> Self {
        (A::read(from), B::read(from))
    }
}

impl<A: Coded, B: Coded, C: Coded> Coded for (A, B, C) {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
        self.1.write(to);
        self.2.write(to);
    }

    fn read(from: &mut Fields<'_>) -> Self {
        (A::read(from), B::read(from), C::read(from))
    }
}

impl<T: Coded> Coded for Arc<T> {
    fn write(&self, to: &mut Vec<u8>) {
        T::write(self, to);
    }

    fn read(from: &mut Fields<'_>) -> Self {
        Arc::new(T::read(from))
    }
}

fn write_text(text: &str, to: &mut Vec<u8>) {
    write_count(text.len(), to);
    to.extend_from_slice(text.as_bytes());
}

impl Coded for String {
    fn write(&self, to: &mut Vec<u8>) {
        write_text(self, to);
    }

    #[inline(never)]
    fn read(from: &mut Fields<'_>) -> Self {
        let length = from.count();
        let text = std::str::from_utf8(from.take(length)).ok();
        from.sound(text, "").to_owned()
    }
}

impl Coded for Cow<'static, str> {
    fn write(&self, to: &mut Vec<u8>) {
        write_text(self, to);
    }

    fn read(from: &mut Fields<'_>) -> Self {
        Cow::Owned(String::read(from))
    }
}

/// One of the texts that are linked: a compound code, or a structure that is never copied.
impl Coded for &'static str {
    fn write(&self, to: &mut Vec<u8>) {
        let at = COMPOUND.iter().chain(&STRUCTURES).position(|known| known == self);
        to.push(at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX));
    }

    fn read(from: &mut Fields<'_>) -> Self {
        let text = COMPOUND.iter().chain(&STRUCTURES).nth(u8::read(from).into());
        from.sound(text.copied(), "")
    }
}

/// The number of its row.
impl Coded for &'static SafePrivate {
    fn write(&self, to: &mut Vec<u8>) {
        let at = safe_private().iter().position(|row| row == *self);
        at.and_then(|at| u16::try_from(at).ok()).unwrap_or(u16::MAX).write(to);
    }

    fn read(from: &mut Fields<'_>) -> Self {
        static NONE: SafePrivate = SafePrivate { group: 1, creator: "", element: 0, vr: None, edition: "" };
        let row = safe_private().get(usize::from(u16::read(from)));
        from.sound(row, &NONE)
    }
}

impl Coded for Tag {
    fn write(&self, to: &mut Vec<u8>) {
        (self.0, self.1).write(to);
    }

    fn read(from: &mut Fields<'_>) -> Self {
        Tag(u16::read(from), u16::read(from))
    }
}

impl Coded for VR {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_bytes());
    }

    fn read(from: &mut Fields<'_>) -> Self {
        let vr = VR::from_binary(<[u8; 2]>::read(from));
        from.sound(vr, VR::UN)
    }
}

impl Coded for Template {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
    }

    fn read(from: &mut Fields<'_>) -> Self {
        Template(Vec::read(from))
    }
}

impl Coded for Layer {
    fn write(&self, to: &mut Vec<u8>) {
        write_all(self.rules(), to);
    }

    fn read(from: &mut Fields<'_>) -> Self {
        let layer = Layer::in_order(Vec::read(from));
        from.sound(layer, Layer::default())
    }
}

impl Coded for ProfileOptions {
    fn write(&self, to: &mut Vec<u8>) {
        write_all(&self.iter().collect::<Vec<_>>(), to);
    }

    fn read(from: &mut Fields<'_>) -> Self {
        let options: Vec<ProfileOption> = Vec::read(from);
        options.into_iter().fold(ProfileOptions::default(), ProfileOptions::with)
    }
}
