"""Runs programs side by side over the workloads: user and system time and the time on the clock of whole processes.

    processes.py FOLDER LETHE NODE_PACKAGE

FOLDER holds the workloads; the peers are beside it. Prints JSON: by workload and program, medians of some rounds in turns; what a
program said when it failed; and figures of Lethe alone. A program that takes long runs on the first files only, and its
times are scaled: what one file takes is its start, and the rest grows with the files.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

BENCHES = Path(__file__).parent
KEY = "00" * 32
ROUNDS = 5
PEER_ROUNDS = 3
# Seconds that a run of a peer may take, if a part of the files is enough for that.
PATIENCE = 1.5
# Peers that take longer than this are not run again.
LONG = 3
# Outputs of so many files are kept until all is measured (`xtask` says why).
MANY = 1000
# Seconds after which a peer is ended.
LIMIT = 60


class Failed(Exception):
    pass


class Program:
    def __init__(self, name, command, in_place=False, is_peer=False):
        self.name, self.command, self.in_place, self.is_peer = name, command, in_place, is_peer
        self.times, self.files, self.keeps = [], None, False

    def run(self, folder, source):
        """One run over the files of a folder: processor seconds and seconds."""
        out = outputs(folder / "kept" if self.keeps else folder)
        if self.in_place:
            for file in source.iterdir():
                shutil.copy(file, out)
            source = out
        files = sorted(str(file.relative_to(source)) for file in source.iterdir())
        names = {"in": str(source), "out": str(out), "peers": str(folder.parent / "peers"), "benches": str(BENCHES)}
        arguments = []
        for argument in self.command:
            arguments += files if argument == "{files}" else [fill(argument, names)]
        cpu, wall, said = timed(arguments, cwd=source)
        made = sum(len(names) for _, _, names in os.walk(out))
        if not self.keeps:
            shutil.rmtree(out)
        if made < len(files):
            raise Failed(f"{len(files) - made} of {len(files)} files were not written" + (f": {said}" if said else ""))
        return cpu, wall


def fill(argument, names):
    """The braces of other things stay."""
    return re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], found[0]), argument)


def outputs(folder):
    """A folder for them, each time of another name: `xtask` says why."""
    folder.mkdir(exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="out-", dir=folder))


def empty(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def timed(arguments, cwd):
    """Processor time of the process and all that it waited for, time on the clock, and the last it said."""
    with open(os.path.join("/tmp", f"lethe-bench-{os.getpid()}"), "w+", errors="replace") as log:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(arguments, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        except OSError as error:
            raise Failed(error.strerror) from error
        os.unlink(log.name)
        status, usage = wait(process, start)
        wall = time.perf_counter() - start
        log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
        said = without_paths((log.read().strip().splitlines() or [""])[-1])
    if status is None:
        raise Failed(f"it was ended after {LIMIT} s")
    # Lethe's 2 and gdcmanon's 1 say that files were refused, which shows in the outputs.
    if os.WIFSIGNALED(status):
        raise Failed(f"it ended with signal {os.WTERMSIG(status)}")
    return usage.ru_utime + usage.ru_stime, wall, said


def wait(process, start):
    """`wait4` tells what this child used; it has no time limit, so short sleeps grow with the time that passes."""
    while time.perf_counter() - start < LIMIT:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = status
            return status, usage
        time.sleep(min(0.01, (time.perf_counter() - start) / 200))
    process.kill()
    os.wait4(process.pid, 0)
    process.returncode = -9
    return None, None


def without_paths(text):
    return re.sub(r"/\S+", "…", text)[:160]


def part_of(folder, source, files):
    """The first files of a workload, as a folder of links."""
    part = empty(folder / "part")
    for file in sorted(source.iterdir())[:files]:
        os.link(file, part / file.name)
    return part


def calibrate(program, folder, source, whole, kinds):
    """How many files a run of a peer has, and what it takes to start: nearly all that one small file takes."""
    start = program.run(folder, part_of(folder, folder / "W5", 1))
    if whole == 1:
        return 1, start
    few = min(whole, kinds if kinds > 1 else 4)
    each = (program.run(folder, part_of(folder, source, few))[1] - start[1]) / few
    fits = int((PATIENCE - start[1]) / max(each, 1e-5)) // kinds * kinds
    return min(whole, max(few, fits)), start


def compare(programs, folder, source, rounds, kinds):
    """The programs in turns over a workload; a result for each."""
    whole = len(list(source.iterdir()))
    results, starts = {}, {}
    for program in programs:
        program.times, program.files, program.keeps = [], whole, whole >= MANY
        if program.is_peer:
            try:
                program.files, starts[program.name] = calibrate(program, folder, source, whole, kinds)
            except Failed as failure:
                results[program.name] = {"refused": str(failure)}
    for number in range(rounds + 1):
        # One who comes after another finds other pages in the cache: so the order changes.
        for program in programs[number % len(programs) :] + programs[: number % len(programs)]:
            run_one(program, folder, source, whole, number, rounds, results)
    for program in programs:
        if program.name not in results:
            results[program.name] = scaled(program, whole, starts.get(program.name))
    return results


def run_one(program, folder, source, whole, number, rounds, results):
    if program.name in results:
        return
    if program.is_peer and (number >= PEER_ROUNDS or any(wall > LONG for _, wall in program.times)):
        return
    files = source if program.files == whole else part_of(folder, source, program.files)
    try:
        times = program.run(folder, files)
    except Failed as failure:
        results[program.name] = {"refused": str(failure)}
        return
    # The first round warms the cache; a peer's calibration did, and six gigabytes are only written once.
    if number > 0 or rounds == 0 or program.is_peer:
        program.times.append(times)


def scaled(program, whole, start):
    cpu, wall = (statistics.median(kind) for kind in zip(*program.times))
    if program.files < whole:
        times = whole / program.files
        cpu, wall = start[0] + (cpu - start[0]) * times, start[1] + (wall - start[1]) * times
    return {"cpu": cpu, "wall": wall, "files": program.files, "of": whole, "rounds": len(program.times)}


def started(folder, lethe, source):
    """The command over one file, and when it was started."""
    out, start = outputs(folder), time.perf_counter()
    return subprocess.Popen([lethe, str(source), str(out), "--key", KEY, "--quiet"], stdout=subprocess.DEVNULL), out, start


def first(folder, lethe, source):
    """When the command has begun its output, and has read what it needs; the rest is not waited for."""
    process, out, start = started(folder, lethe, source)
    while not any(os.scandir(out)):
        if process.poll() is not None:
            raise Failed(f"lethe ended with {process.returncode}")
        time.sleep(0.0002)
    took = time.perf_counter() - start
    process.kill()
    process.wait()
    shutil.rmtree(out)
    return took


def peak(folder, lethe, source):
    """The most memory that the command held."""
    process, out, _ = started(folder, lethe, source)
    most = 0
    while process.poll() is None:
        try:
            most = max(most, int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1]))
        except (OSError, TypeError):
            pass
        time.sleep(0.002)
    written = sum(len(names) for _, _, names in os.walk(out))
    shutil.rmtree(out)
    if process.returncode != 0 or written != 1:
        raise Failed(f"lethe ended with {process.returncode}")
    return most * 1024


def one_file(folder, lethe):
    """The command from its start to its end, with one file."""
    source = part_of(folder, folder / "W1", 1)
    program = Program("lethe", [lethe, "{in}", "{out}", "--key", KEY, "--quiet"])
    return statistics.median(program.run(folder, source)[1] for _ in range(11))


def verification(folder, lethe):
    """The part of the processor time of a whole process that the search for identifiers takes, in hundredths."""
    settings = folder / "unverified.json"
    settings.write_text('{"general": {"verify": false}}')
    command = [lethe, "{in}", "{out}", "--key", KEY, "--quiet", "--jobs", "1"]
    both = [Program("verified", command), Program("not", [*command, "--config", str(settings)])]
    for number in range(2 * ROUNDS):
        for program in both[:: -1 if number % 2 else 1]:
            program.times.append(program.run(folder, folder / "W1"))
    verified, unverified = (statistics.median(cpu for cpu, _ in program.times[1:]) for program in both)
    return 100 * (1 - unverified / verified)


def contestants(lethe, package, workload):
    own = [
        Program("cp", ["cp", "--recursive", "--sparse=never", "{in}/.", "{out}"]),
        Program("Lethe, command", [lethe, "{in}", "{out}", "--key", KEY, "--quiet"]),
        Program("Lethe, command, one job", [lethe, "{in}", "{out}", "--key", KEY, "--quiet", "--jobs", "1"]),
        Program("Lethe, Node", ["node", "{benches}/js/whole.mjs", package, "{in}", "{out}"]),
    ]
    if workload == "W6":
        return own[:2]
    peers = tomllib.loads((BENCHES / "peers.toml").read_text())["peer"]
    return own + [Program(peer["name"], peer["command"], peer.get("in-place", False), True) for peer in peers]


def main(folder, lethe, package, workloads):
    results = {"workloads": {}, "memory": {}}
    kinds = {name: made["kinds"] for name, made in json.loads((folder / "workloads.json").read_text()).items()}
    for workload in workloads:
        rounds = {"W2": 3, "W5": 3, "W6": 0}.get(workload, ROUNDS)
        programs = contestants(lethe, package, workload)
        results["workloads"][workload] = compare(programs, folder, folder / workload, rounds, kinds[workload])
        for name, result in results["workloads"][workload].items():
            print(workload, name, json.dumps(result), file=sys.stderr)
    for workload in {"W2", "W6"} & set(workloads):
        begun = statistics.median(first(folder, lethe, folder / workload) for _ in range(7))
        results["memory"][workload] = {"peak": peak(folder, lethe, folder / workload), "first": begun}
    if "W1" in workloads:
        results["one file"] = one_file(folder, lethe)
        results["verification"] = verification(folder, lethe)
    shutil.rmtree(folder / "part", ignore_errors=True)
    print(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
