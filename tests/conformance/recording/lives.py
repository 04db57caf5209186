"""Semantics 40 to 42: stories that are cut at every POINT, suspended at every POINT, and run again."""
import copy

from building import ECHO, EQ, L, NO, R, T, at, each, fails, graph, linear, times, unordered

TWICE = {"FAILURE": 2, "REVERTED": 2, "SUCCESS": 2}


def stories():
    """(name, case without a cut); between them they take an atom through every state."""
    yield "succeeds", dict(flow=linear("f", T("a", None, "x"), unordered("u", T("b", "x"), T("c", "x")), T("d")),
                           script={"a": {"result": 1}, "b": ECHO, "c": ECHO})
    yield "is undone", dict(flow=linear("f", T("a"), unordered("u", T("b"), T("c")), T("d")), script=fails("d"))
    yield "tries again", dict(flow=linear("f", T("a", "n", "x"), T("b", "x"), retry=times("r", 3, provides="n")),
                              script={"a": ECHO, "b": {"fail_first": 2}})
    yield "runs out of values", dict(flow=linear("f", T("z"), linear("g", T("a", "v"), retry=each("r", "p", "q", provides="v"))),
                                     script={"a": {**ECHO, "fail_first": 9}})
    yield "asks the parent", dict(flow=linear("f", linear("g", T("a"), retry=times("in", 2)), T("b"), retry=times("out", 2)),
                                  script=fails("a", n=2))
    yield "reverts all", dict(flow=linear("f", T("z"), linear("g", T("a"), retry=R("r", "always_revert_all")), T("b")), script=fails("a"))
    yield "reverts locally", dict(flow=linear("f", T("z"), linear("g", T("a"), T("b"), retry=R("r", "always_revert")), T("c")), script=fails("b"))
    yield "a retry fails", dict(flow=linear("f", T("a"), linear("g", T("b"), retry=times("in", 2)), retry=times("out", 2)), script=fails("in", n=1))
    yield "a revert fails", dict(flow=linear("f", T("a"), T("b"), T("c"), retry=times("r", 2)),
                                 script={"c": {"fail_first": 1}, "b": {"revert_fail_first": 1}})
    yield "ignores", dict(flow=graph("f", T("a"), T("b"), T("c"), T("d"), links=[L("a", "b", NO, "atom"), L("b", "c"), L("c", "d")],
                                     retry=times("r", 2)), script=fails("d", n=1))
    yield "parameterized", dict(flow=linear("f", T("p", None, "values"), linear("g", T("a", "c"), retry=R("r", "parameterized_for_each", provides="c"))),
                                script={"p": {"result": ["h", "i", "j"]}, "a": {**ECHO, "fail_first": 2}})
    yield "never resolves", dict(flow=linear("f", T("a"), T("b"), retry=times("r", 2)), script=fails("b", n=1), options={"never_resolve": True})
    yield "defers", dict(flow=linear("f", T("a"), linear("g", T("b"), retry=R("r", "always_revert"))), script=fails("b"), options={"defer_reverts": True})


def cases(case):
    for name, story in stories():
        for point in case.points(story):
            place = "%s %s#%d" % (point["atom"], point["state"], point["nth"])
            if point["state"] != "IGNORE":  # a half-done ignore is not resumed
                case("40 %s, crash at %s" % (name, place), crash=point, **copy.deepcopy(story))
            case("41 %s, suspended at %s" % (name, place), suspend=point, **copy.deepcopy(story))
        case("42 %s, run again" % name, runs=2, **copy.deepcopy(story))
    several(case)
    slow(case)
    reruns(case)


def several(case):
    base = dict(flow=linear("f", T("a", "n"), T("b"), T("c"), retry=times("r", 3, provides="n")), script={"a": ECHO, "c": {"fail_first": 1}})
    for points in ([at("a", "RUNNING")] * 3, [at("c", "FAILURE"), at("c", "REVERTING"), at("c", "REVERTED")],
                   [at("r", "RETRYING"), at("a", "PENDING"), at("b", "PENDING")], [at("r", "RUNNING", 2), at("r", "RUNNING"), at("r", "SUCCESS")],
                   [at("c", "RUNNING"), at("c", "RUNNING"), at("c", "SUCCESS")], [at("b", "REVERTED"), at("a", "REVERTING"), at("r", "RETRYING")],
                   [at("a", "SUCCESS"), at("nobody", "RUNNING")], [at("a", "SUCCESS", 9)]):
        case("40 crashes: %s" % " ".join("%s %s" % (p["atom"], p["state"]) for p in points), crash=points, **copy.deepcopy(base))
    case("40 a crash, then a suspension", crash=at("a", "RUNNING"), suspend=at("c", "FAILURE"), **copy.deepcopy(base))
    case("40 a crash in the first of two runs", linear("f", T("a"), T("b")), script=fails("b", n=1), crash=at("b", "REVERTED"), runs=2)
    case("41 suspended in the first of two runs", linear("f", T("a"), T("b")), script=fails("b", n=1), suspend=at("b", "REVERTING"), runs=2)
    case("41 never reached", linear("f", T("a"), T("b")), suspend=at("a", "REVERTING"))
    case("41 at an atom that is nowhere", linear("f", T("a"), T("b")), suspend=at("nobody", "RUNNING"))
    case("40 crash in a flow of one", linear("f", T("a")), crash=at("a", "RUNNING"))
    case("40 store values are not given again", linear("f", T("a", "s"), T("b", "s")), store={"s": {"k": 1}}, crash=at("a", "SUCCESS"), script={"a": ECHO, "b": ECHO})
    case("40 inject not transient, after a crash", linear("f", T("a", "k", inject={"k": 1}), T("b", "k", inject={"k": 2})), crash=at("a", "SUCCESS"),
         options={"inject_transient": False}, script={"a": ECHO, "b": ECHO})
    case("40 what was provided before is provided after", linear(
        "f", linear("g", T("a", "v", ["x", "y"]), retry=each("r", "p", "q", provides="v")), T("b", "v x y")), crash=at("b", "RUNNING"),
        script={"a": {"result": [1, 2], "fail_first": 1}, "b": ECHO})
    case("40 equal values, after a crash", linear("f", T("a", "v"), retry=each("r", 1, True, 1.0, provides="v")), crash=at("a", "RUNNING", 2),
         script={"a": {**ECHO, "fail_first": 2}})
    case("40 a list asked twice, after a crash", linear("f", unordered("u", T("a"), T("b")), retry=times("r", 2)), crash=at("r", "RETRYING"), script=fails("a", "b", n=1))


def slow(case):
    two = lambda **script: dict(flow=unordered("f", T("a"), T("b"), retry=times("r", 2)), script=script, concurrent=True)  # noqa: E731
    case("40 RUNNING beside a failure, under a retry", crash=at("a", "FAILURE"), **two(a={"fail_first": 1}, b={"slow": 0.2, "result": 1}))
    case("40 RUNNING beside a failure that is resolved, others undone", crash=at("a", "REVERTED"), **two(a={"fail_first": 1}, b={"slow": 0.2, "result": 1}))
    case("40 RUNNING beside a success, then its own failure", crash=at("a", "SUCCESS"), **two(b={"slow": 0.2, "fail_first": 2}))
    case("40 two RUNNING", flow=unordered("f", T("a"), linear("g", T("b"), T("c")), T("d")), script={"a": {"slow": 0.2}, "d": {"slow": 0.2}},
         crash=at("b", "SUCCESS"), concurrent=True)
    case("41 suspended while a slow one runs", flow=unordered("f", linear("g", T("a"), T("b")), T("c")), script={"c": {"slow": 0.2, "result": 1}},
         suspend=at("a", "SUCCESS"), concurrent=True)
    case("41 suspended, and the slow one fails", flow=unordered("f", linear("g", T("a"), T("b")), T("c"), retry=times("r", 2)),
         script={"c": {"slow": 0.2, "fail_first": 1}}, suspend=at("a", "SUCCESS"), concurrent=True)
    case("40 RUNNING in a branch, local revert of the other", flow=unordered("f", linear("g", T("a"), retry=R("r", "always_revert")), linear("h", T("b"), T("c"))),
         script={"a": {"fail_first": 1}, "b": {"slow": 0.2}}, crash=at("a", "REVERTED"), concurrent=True)


def reruns(case):
    case("42 after SUCCESS with retries", linear("f", T("a"), retry=times("r", 3)), script=fails("a", n=1), runs=3)
    case("42 REVERTED twice, then SUCCESS", linear("f", T("a"), T("b")), script=fails("b", n=2), runs=3)
    case("42 REVERTED for ever", linear("f", T("a"), T("b")), script=fails("b"), runs=4)
    case("42 a retry that had run out begins anew", linear("f", T("a", "n"), retry=times("r", 2, provides="n")), script={"a": {**ECHO, "fail_first": 3}}, runs=2)
    case("42 a retry that was left counts on, and runs out", linear(
        "f", linear("g", T("a", "n"), retry=times("r1", 2, provides="n")), linear("h", T("b"), retry=R("r2", "always_revert"))),
        script={"a": {**ECHO, "fail_first": 0}, "b": {"fail_first": 2}}, runs=3)
    case("42 a for_each that was left goes on", linear(
        "f", linear("g", T("a", "v"), retry=each("r1", "p", "q", "s", provides="v")), linear("h", T("b"), retry=R("r2", "always_revert"))),
        script={"a": {**ECHO, "fail_first": 1}, "b": {"fail_first": 1}}, runs=2)
    case("42 a for_each that was left has nothing left", linear(
        "f", linear("g", T("a", "v"), retry=each("r1", "p", provides="v")), linear("h", T("b"), retry=R("r2", "always_revert"))),
        script={"a": ECHO, "b": {"fail_first": 1}}, runs=2)
    case("42 outer atoms left SUCCESS run anew", linear("f", T("z"), unordered("u", linear("g", T("a"), retry=R("r", "always_revert")), T("y"))), script=fails("a", n=1), runs=2)
    case("42 deciders vote anew", graph("f", T("a", "s"), T("b"), T("c"), links=[L("a", "b", EQ("a", {"s": 2}), "atom"), L("b", "c")]), store={"s": 1},
         script={"a": ECHO, "c": {"fail_first": 1}}, runs=2)
    case("41 suspended in the reset of a rerun: not heard", linear("f", T("a"), T("b")), script=fails("b", n=1), runs=2, suspend=at("a", "PENDING"))
    case("42 a crash in the second of two runs", linear("f", T("a"), T("b"), retry=R("r", "always_revert")), script=fails("b", n=1), runs=2,
         crash=at("r", "RUNNING", 2), unjudged=True)
    case("42 a crash in the reset of a rerun", unjudged=True, flow=linear("f", T("a"), T("b")), script=fails("b", n=1), runs=2, crash=[at("b", "FAILURE"), at("a", "PENDING")])
    case("42 an empty flow, three times", linear("f"), runs=3)
    case("42 with the store's values", linear("f", T("a", "s"), T("b")), store={"s": 1}, script={"a": ECHO, "b": {"fail_first": 1}}, runs=2)
