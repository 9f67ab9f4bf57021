#!/usr/bin/python3
"""What is in a run directory is never overwritten, mixed with another run, or trusted when it is damaged."""
import re
import shutil
from pathlib import Path

from driving.program import SMALL, Training, check, fulmar, train

HALF = {"stop.updates": 12}  # a run that another one goes on from: [stop] is not part of what the weights depend on


def refuses(*words, says):
    before = state_of("run")
    ended = fulmar("train", SMALL, *words, code=1)
    print(ended.err.rstrip())
    for pattern in says:
        check(re.search(pattern, ended.err), ended.command, f"does not say '{pattern}':", ended.err)
    check(state_of("run") == before, ended.command, "changed the run that it refused")


def state_of(directory):
    files = [path for path in sorted(Path(directory).rglob("*")) if path.is_file() and path.name != ".lock"]
    return {str(path): path.read_bytes() for path in files}


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def newest(directory):
    return max(Path(directory, "checkpoints").glob("[0-9]*"))


def another_run_is_refused():
    refuses(says=["run holds a run already", "--resume", "run.directory"])
    refuses("--resume", {"run.seed": 2}, says=["another config", r"run\.seed", "1", "2"])
    refuses("--resume", {"optimizer.learning_rate": 0.5}, says=["another config", r"optimizer\.learning_rate", "0.5"])
    refuses("--resume", {"model.channels": "[9]"}, says=["another config", r"model\.channels", "9"])
    refuses("--resume", {"data.train": '["1982-01", "1984-12"]'}, says=["another config", r"data\.train", "1984-12"])


def foreign_files_are_left_alone():
    Path("papers").mkdir()
    Path("papers/thesis.txt").write_text("years of work")
    Path("papers/lock").write_text("the combination")
    before = {path.name: path.read_bytes() for path in Path("papers").iterdir()}
    for words in ([], ["--resume"]):
        ended = fulmar("train", SMALL, {"run.directory": "papers"}, *words, code=1)
        check(re.search(r"papers is not empty.*(thesis\.txt|lock).*run\.directory", ended.err), "it says:", ended.err)
    after = {path.name: path.read_bytes() for path in Path("papers").iterdir()}
    check(after == before, "a foreign directory was changed:", after)
    Path("papers/thesis.txt").unlink()  # the lock that is left is still not ours
    fulmar("train", SMALL, {"run.directory": "papers"}, code=1)
    check(Path("papers/lock").read_text() == "the combination", "a foreign lock was changed")


def two_heads_at_once():
    with Training(SMALL, {"run.directory": "shared", "stop.epochs": 4000}, progress="lines") as training:
        training.wait_for_text("round ")
        ended = fulmar("train", SMALL, "--resume", {"run.directory": "shared", "stop.epochs": 4000}, code=1)
        check("shared" in ended.err and str(training.process.pid) in ended.err, "it says:", ended.err)


def a_head_that_was_replaced_does_not_tell_how_to_resume():
    """Another machine of a shared file system has started a newer head: its term is what the old one sees of it."""
    for _ in range(2):  # the second start is of term 2
        with Training(SMALL, "--resume", {"run.directory": "newer", "stop.epochs": 4000}, progress="lines") as training:
            training.wait_for_text("round ")
    words = {"run.directory": "older", "stop.epochs": 4000, "checkpoint.every_rounds": 50}
    with Training(SMALL, words, progress="lines") as training:
        training.wait_for_text("round ")
        shutil.copy("newer/term", "older/term.new")
        Path("older/term.new").rename("older/term")
        said = training.end(code=1).err
    check("another head has taken over in term 2" in said and "--resume" not in said, "it says:", said)


def resume_without_a_run_begins_one(expected):
    summary = train(SMALL, "--resume", {"run.directory": "begun"})
    check(summary["weights_sha256"] == expected, "other weights:", summary)


def resume_of_a_finished_run(expected):
    before = state_of("run")
    summary = train(SMALL, "--resume")
    check(summary["weights_sha256"] == expected and summary["version"] == 24, "a finished run moved:", summary)
    ended = fulmar("train", SMALL, "--resume")
    check("run is finished" in ended.err and " in 0.0 s" not in ended.out, "it says:", ended.err, ended.out)
    check(state_of("run") == before, "a finished run was written to")


def a_run_is_marked_finished_even_if_its_last_record_was_lost():
    """As a crash leaves it that comes after the last checkpoint and before the journal's last record is durable."""
    shutil.copytree("run", "unmarked")
    journal = Path("unmarked/journal")
    lines = journal.read_text().splitlines(keepends=True)
    check('"run_ended"' in lines[-1], "the journal's last record is", lines[-1])
    for kept in (lines[:-1], []):
        journal.write_text("".join(kept))
        check(fulmar("inspect", "unmarked", "--json").json()["finished"] is False, "it is finished already")
        train(SMALL, "--resume", {"run.directory": "unmarked"})
        check(fulmar("inspect", "unmarked", "--json").json()["finished"] is True, "it is not finished:", journal.read_text())


def another_not_finite_policy_goes_on(expected):
    """not_finite may change: it is what a user turns to when a round was not finite."""
    shutil.copytree("half", "skipping")
    summary = train(SMALL, "--resume", {"run.directory": "skipping", "policy.not_finite": "skip"})
    check(summary["weights_sha256"] == expected, "other weights:", summary)


def scores_that_cannot_be_had_hide_nothing():
    """The best version's weights are rotten: what was trained is said all the same, and the failure last."""
    fast = {"model.channels": "[32, 32]", "optimizer.learning_rate": 0.03, "stop.epochs": 12}  # best in the middle
    trained = train(SMALL, fast, {"run.directory": "unscored"})
    best = trained["evaluation"]["version"]
    check(best < trained["version"], "the best version is the last:", trained)
    flip_a_byte(Path(f"unscored/checkpoints/{best:012}/weights.safetensors"))
    words = ["train", SMALL, fast, {"run.directory": "unscored"}, "--resume"]
    found = fulmar(*words, "--json", code=1).json()
    check(found["weights_sha256"] == trained["weights_sha256"] and "evaluation" not in found, "it says:", found)
    ended = fulmar(*words, code=1)
    check(trained["weights_sha256"] in ended.out and "run directory   unscored" in ended.out, "it says:", ended.out)
    check("weights.safetensors" in ended.err.splitlines()[-1], "it does not say why there are no scores:", ended.err)


def damaged(name, damage):
    """A half-trained run, damaged by `damage`, which returns what must be named; resumed to its end."""
    shutil.copytree("half", name)
    named = damage(Path(name))
    ended = fulmar("train", SMALL, "--resume", {"run.directory": name}, "--json", "--progress", "none")
    print(ended.err.rstrip())
    check(str(named) in ended.err, f"{name}: {named} is not named in:", ended.err)
    return ended


def a_best_version_left_unnamed_is_named():
    """As a kill leaves it that comes after the best version was written and before it was named."""
    shutil.copytree("run", "unnamed")
    best = Path("unnamed/checkpoints/best")
    named = best.read_text()
    check(named.strip() == "000000000024", "the best version is not the last:", named)
    best.write_text("000000000020\n")
    summary = train(SMALL, "--resume", {"run.directory": "unnamed"})
    check(best.read_text() == named and summary["evaluation"]["version"] == 24, "best is", best.read_text())


def corrupt_weights_are_passed_over(expected):
    def damage(directory):
        weights = newest(directory) / "weights.safetensors"
        flip_a_byte(weights)
        inspection = fulmar("inspect", directory, code=1)
        check(str(weights) in inspection.out and "BAD" in inspection.out, "inspect does not name it:", inspection.out)
        found = fulmar("inspect", directory, "--json", code=1).json()
        check([entry["ok"] for entry in found["checkpoints"]][-1] is False, "inspect calls it good:", found)
        return weights

    ended = damaged("rotten", damage)
    check("the checkpoint before it is used" in ended.err, "it does not say what it did:", ended.err)
    check(ended.json()["weights_sha256"] == expected, "other weights after a rotten checkpoint:", ended.json())


def without_any_good_checkpoint_it_begins_anew(expected):
    def damage(directory):
        for state in directory.glob("checkpoints/*/state.json"):
            flip_a_byte(state)
        return state

    check(damaged("all-rotten", damage).json()["weights_sha256"] == expected, "other weights, begun anew")


def a_torn_journal_is_cut(expected):
    def damage(directory):
        with (directory / "journal").open("ab") as journal:
            journal.write(b'0badc0de {"type":"checkpoint_wri')
        return directory / "journal"

    ended = damaged("torn", damage)
    check("cut a torn tail of 32 bytes" in ended.err, "it does not say what it did:", ended.err)
    check(ended.json()["weights_sha256"] == expected, "other weights after a torn journal:", ended.json())
    check(all(line.startswith("{") or len(line.split(" ", 1)[0]) == 8
              for line in Path("torn/journal").read_text().splitlines()), "the tear is still there")


def a_corrupt_journal_or_pointer_is_a_problem():
    for name in ("journal", "checkpoints/best", "checkpoints/latest"):
        shutil.copytree("run", "problem")
        path = Path("problem", name)
        if name == "journal":
            data = path.read_bytes()
            path.write_bytes(b"x" + data[1:])
        else:
            path.write_text("thirteen\\n")
        found = fulmar("inspect", "problem", "--json", code=1).json()
        check(not found["ok"] and len(found["problems"]) == 1, name, "is no problem:", found)
        check(str(path) in found["problems"][0], name, "is not named:", found["problems"])
        check(found["problems"][0] in fulmar("inspect", "problem", code=1).out, name, "is not in the text")
        shutil.rmtree("problem")
    shutil.copytree("run", "problem")
    Path("problem/journal").unlink()
    found = fulmar("inspect", "problem", "--json").json()
    check(found["ok"] and found["problems"] == [] and not found["finished"], "without a journal:", found)


def main():
    expected = train(SMALL)["weights_sha256"]
    train(SMALL, HALF, {"run.directory": "half"})
    another_run_is_refused()
    foreign_files_are_left_alone()
    two_heads_at_once()
    a_head_that_was_replaced_does_not_tell_how_to_resume()
    resume_without_a_run_begins_one(expected)
    resume_of_a_finished_run(expected)
    a_run_is_marked_finished_even_if_its_last_record_was_lost()
    another_not_finite_policy_goes_on(expected)
    scores_that_cannot_be_had_hide_nothing()
    a_corrupt_journal_or_pointer_is_a_problem()
    a_best_version_left_unnamed_is_named()
    corrupt_weights_are_passed_over(expected)
    without_any_good_checkpoint_it_begins_anew(expected)
    a_torn_journal_is_cut(expected)


main()
