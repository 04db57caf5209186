"""Semantics 17 to 33, 43 and 44: failures, retries, reverts that fail."""
from building import ECHO, L, R, T, each, fails, graph, linear, times, unordered


def cases(case):
    reverting(case)
    policies(case)
    values_of_for_each(case)
    parameterized(case)
    nesting(case)
    siblings(case)
    failing_retries(case)
    failing_reverts(case)
    options(case)


def reverting(case):
    case("23 two failures without a retry", unordered("f", T("a"), T("b"), T("c")), script=fails("a", "c"))
    case("23 the first of all fails", linear("f", T("a"), T("b")), script=fails("a"))
    case("23 the last of many fails", linear("f", *[T("t%d" % i) for i in range(8)]), script=fails("t7"))
    case("24 what never ran stays PENDING", graph("f", T("a"), T("b"), T("c"), T("d"), links=[L("a", "b"), L("c", "d")]),
         script=fails("a"))
    case("24 a graph is undone backwards", graph("f", T("a"), T("b"), T("c"), T("d"), T("e"),
                                                 links=[L("a", "b"), L("a", "c"), L("b", "d"), L("c", "d"), L("d", "e")]), script=fails("e"))
    case("24 flows of flows are undone backwards", linear("f", linear("g", T("a"), unordered("u", T("b"), T("c"))),
                                                          unordered("v", T("d"), linear("h", T("e"), T("x")))), script=fails("x"))
    case("24 what a revert is given", linear("f", T("a", "s", "x"), T("b", "x"), T("c")), store={"s": 1},
         script={**fails("c"), "a": {"result": {"id": 7}}, "b": ECHO})
    case("24 only the last attempt's result is given", linear("f", T("a"), T("b"), retry=times("r", 2)),
         script={"a": {"result_seq": ["one", "two"]}, "b": {"fail_first": 9}})
    case("31 failures in several attempts", linear("f", T("a"), T("b"), retry=times("r", 3)),
         script={"a": {"fail_first": 1}, "b": {"fail_first": 9}})


def policies(case):
    for attempts in (0, 1, 2, 5):
        case("30 times %d that never succeeds" % attempts, linear("f", T("z"), linear("g", T("a", "n"), retry=times("r", attempts, provides="n"))),
             script={"a": {**ECHO, "fail_first": 99}})
        case("30 times %d, one failure" % attempts, linear("f", T("a", "n"), retry=times("r", attempts, provides="n")),
             script={"a": {**ECHO, "fail_first": 1}})
        case("30 times %d with revert_all, never" % attempts,
             linear("f", T("z"), linear("g", T("a"), retry=times("r", attempts, revert_all=True))), script=fails("a"))
    case("30 times without attempts", linear("f", T("a"), retry=R("r", "times")), script=fails("a", n=1))
    case("30 times below nought", linear("f", T("a"), retry=times("r", -2)), script=fails("a", n=1))
    for policy in ("always_revert", "always_revert_all"):
        case("30 %s provides null" % policy, linear("f", T("a", "n"), retry=R("r", policy, provides="n")), script={"a": ECHO})
        case("30 %s, alone" % policy, linear("f", T("a"), T("b"), retry=R("r", policy)), script=fails("b"))
        case("30 %s, in the middle" % policy,
             linear("f", T("y"), linear("g", T("a"), T("b"), retry=R("r", policy)), T("z")), script=fails("b", n=1))
        case("30 %s, beside a branch" % policy,
             unordered("f", linear("g", T("a"), retry=R("r", policy)), linear("h", T("b"), T("c"))), script=fails("a"))
    case("30 times of a graph flow", graph("f", T("a", None, "x"), T("b", "x"), T("c", "x"), retry=times("r", 3)),
         script={**fails("c", n=2), "a": {"result": 1}, "b": ECHO})
    case("30 times of an unordered flow, each failing once in turn", unordered("f", T("a"), T("b"), T("c"), retry=times("r", 4)),
         script={"a": {"fail_first": 1}, "b": {"fail_first": 2}, "c": {"fail_first": 3}})
    case("30 the attempt's number reaches deep and behind", linear(
        "f", linear("g", T("a", "n"), unordered("u", T("b", "n"), T("c", "n")), retry=times("r", 3, provides="n")), T("d", "n")),
        script={"a": ECHO, "b": {**ECHO, "fail_first": 2}, "c": ECHO, "d": ECHO})


def values_of_for_each(case):
    for name, values in {"one": ["v"], "nulls": [None, None], "mixed": ["a", 1, None, [1], {"k": []}], "equal numbers": [1, True, 1.0],
                         "noughts": [0, False, 0.0, -0.0], "lists of equals": [[1], [True], [1.0]], "objects": [{"a": 1}, {"a": True}],
                         "objects in other order": [{"a": 1, "b": 2}, {"b": 2, "a": 1}], "text and number": ["1", 1, "1"],
                         "repeats": ["a", "b", "a", "a", "b"], "big numbers": [2 ** 53, 2.0 ** 53, 2 ** 53 + 1],
                         "beyond 64 bits": [2 ** 64, 2.0 ** 64, 2 ** 63, -2 ** 63]}.items():
        case("30 for_each over %s" % name, linear("f", T("a", "v"), retry=each("r", *values, provides="v")),
             script={"a": {**ECHO, "fail_first": len(values) - 1}})
        case("30 for_each over %s, all in vain" % name, linear("f", T("z"), linear("g", T("a", "v"), retry=each("r", *values, provides="v"))),
             script={"a": {**ECHO, "fail_first": 99}})
    case("30 for_each without values, nested", linear("f", T("a"), linear("g", T("b"), retry=each("r")), retry=times("o", 2)))
    case("30 for_each without values, behind others", linear("f", unordered("u", T("a"), T("c")), linear("g", T("b"), retry=each("r", provides="v"))))
    case("30 for_each with revert_all without values", linear("f", T("a"), linear("g", T("b"), retry=each("r", revert_all=True))))
    case("30 for_each begins anew under an outer retry", linear(
        "f", linear("g", T("a", "v"), retry=each("in", "p", "q", provides="v")), T("b"), retry=each("out", 1, 2, provides="o")),
        script={"a": {**ECHO, "fail_first": 3}, "b": {"fail_first": 0}})
    case("30 for_each of lists, by index", linear("f", T("a", "x y"), retry=each("r", [1, 2], [3, 4], provides=["x", "y"])),
         script={"a": {**ECHO, "fail_first": 1}})


def parameterized(case):
    def from_store(values, tries=1, **members):
        return dict(flow=linear("f", T("z"), linear("g", T("a", "c"), retry=R("r", "parameterized_for_each", provides="c", **members))),
                    store={"values": values}, script={"a": {**ECHO, "fail_first": tries}})

    case("30 parameterized over one", **from_store([5], 0))
    case("30 parameterized over nothing", **from_store([]))
    case("30 parameterized over equals", **from_store([1, True, 1.0], 2))
    case("30 parameterized, in vain", **from_store(["a", "b"], 9))
    case("30 parameterized with revert_all, in vain", **from_store(["a", "b"], 9, revert_all=True))
    case("30 parameterized over a text: its letters", **from_store("abc", 1))
    case("30 parameterized over an object: its keys", **from_store({"k": 1, "l": 2}, 1))
    case("30 parameterized over a number", unjudged=True, **from_store(7))
    case("30 parameterized over null", unjudged=True, **from_store(None))
    case("30 parameterized over a text of one", **from_store("x", 9))
    case("30 parameterized over nothing, under one that tries again",
         linear("f", T("p", None, "values"), linear("g", T("a"), retry=R("r", "parameterized_for_each")), retry=times("o", 3)),
         script={"p": {"result_seq": [[], [], ["h"]]}})
    case("30 parameterized by an injected-like rebind from an outer retry", linear(
        "f", linear("g", T("a", "c"), retry=R("in", "parameterized_for_each", provides="c", rebind={"values": "v"})),
        retry=each("out", ["p", "q"], ["s"], provides="v")), script={"a": {**ECHO, "fail_first": 2}})
    case("30 parameterized by an item of a result", linear(
        "f", T("p", None, {"keys": ["hosts"]}), linear("g", T("a", "c"), retry=R("r", "parameterized_for_each", provides="c", rebind={"values": "hosts"}))),
        script={"p": {"result": {"hosts": ["h1", "h2"]}}, "a": {**ECHO, "fail_first": 1}})
    case("30 parameterized values become fewer", linear(
        "f", T("p", None, "values"), linear("g", T("a", "c"), retry=R("r", "parameterized_for_each", provides="c")), retry=times("o", 3)),
        script={"p": {"result_seq": [["x", "y"], ["x"], ["z"]]}, "a": {**ECHO, "fail_first": 3}})
    case("30 parameterized, its provider fails", linear(
        "f", T("p", None, "values"), linear("g", T("a"), retry=R("r", "parameterized_for_each")), retry=times("o", 2)),
        script={"p": {"result": ["x"], "fail_first": 1}})


def nesting(case):
    def three(inner, middle, outer):
        return linear("f", T("x"), linear("m", T("y"), linear("i", T("z"), T("b"), retry=inner), retry=middle), T("end"), retry=outer)

    policy = {"t1": lambda n: times(n, 1), "t2": lambda n: times(n, 2), "ar": lambda n: R(n, "always_revert"),
              "ara": lambda n: R(n, "always_revert_all"), "t2all": lambda n: times(n, 2, revert_all=True), "fe": lambda n: each(n, 1, 2)}
    for i, m, o, n in (("t1", "t1", "t1", 9), ("t1", "t1", "t2", 1), ("t1", "ar", "ara", 9), ("ar", "ara", "t2", 1), ("t2", "t2", "t2", 7),
                       ("t2", "t2", "t2", 9), ("t2all", "t2", "t2", 9), ("ar", "t2all", "t2", 9), ("ara", "t2", "t2", 1), ("fe", "fe", "fe", 7),
                       ("fe", "ar", "fe", 3), ("t1", "fe", "ar", 9), ("ar", "ar", "ar", 1), ("t2", "ar", "t1", 9)):
        case("23 three retries, %s in %s in %s, %d failures" % (i, m, o, n), three(policy[i]("r3"), policy[m]("r2"), policy[o]("r1")), script=fails("b", n=n))
        case("23 the same, deferred: %s in %s in %s, %d" % (i, m, o, n), three(policy[i]("r3"), policy[m]("r2"), policy[o]("r1")), script=fails("b", n=n),
             options={"defer_reverts": True})
    case("23 a failure behind the nested flow asks the outer retry", three(times("r3", 2), times("r2", 2), times("r1", 3)), script=fails("end", n=2))
    case("23 failures inside and behind", three(times("r3", 2), times("r2", 2), times("r1", 3)), script=fails("b", "end", n=1))
    case("23 failures on every level", three(times("r3", 2), times("r2", 2), times("r1", 2)), script=fails("b", "y", "x", "end", n=1))
    case("29 an outer attempt makes inner ones new", linear("f", linear("g", T("a", "k"), retry=each("in", 1, 2, 3, provides="k")), T("b"),
                                                            retry=times("o", 2)), script={"a": {**ECHO, "fail_first": 2}, "b": {"fail_first": 1}})
    case("29 a flow with its retry before the one that fails is left", linear(
        "f", linear("g", T("a"), retry=times("r1", 3)), linear("h", T("b"), retry=times("r2", 3)), T("c")), script=fails("a", "b", n=2))
    case("29 and is undone when the failure is nobody's", linear(
        "f", linear("g", T("a"), retry=times("r1", 3)), linear("h", T("b"), retry=times("r2", 3)), T("c")), script=fails("a", "b", "c", n=2))
    case("23 RETRY undoes what followed the flow, in a graph", graph(
        "f", linear("g", T("a", None, "x"), retry=times("r", 2)), T("b", "x"), T("c"), links=[L("b", "c")], retry=times("o", 2)),
        script={**fails("c", n=1), "a": {"result": 1}, "b": ECHO})


def siblings(case):
    case("25 two flows of an unordered one, both retry", unordered("f", linear("g", T("a"), retry=times("r1", 2)), linear("h", T("b"), retry=times("r2", 2))),
         script=fails("a", "b", n=1))
    case("25 one retries, one reverts everything", unordered(
        "f", linear("g", T("a"), retry=R("r1", "always_revert_all")), linear("h", T("b"), retry=times("r2", 3))),
        script={"a": {"fail_first": 9}, "b": {"fail_first": 1, "slow": 0.1}}, concurrent=True)
    case("26 three failures, one attempt", unordered("f", T("a"), T("b"), T("c"), retry=times("r", 2)), script=fails("a", "b", "c", n=1))
    case("26 three failures, exhausted", unordered("f", T("a"), T("b"), T("c"), retry=times("r", 2)), script=fails("a", "b", "c", n=2))
    case("26 two failures and a parent", linear("f", unordered("u", T("a"), T("b"), retry=times("r", 1)), retry=times("o", 2)), script=fails("a", "b", n=1))
    case("27 a local revert, the other branch fails later", unordered(
        "f", linear("g", T("a"), retry=R("r", "always_revert")), linear("h", T("b"), T("c"), T("d"), retry=times("s", 2))), script=fails("a", "d", n=9))
    case("27 a local revert beside a retry that succeeds", unordered(
        "f", linear("g", T("a"), retry=R("r", "always_revert")), linear("h", T("b"), T("c"), retry=times("s", 3))), script=fails("a", "c", n=2))
    case("27 a local revert and what follows it", linear("f", unordered("u", linear("g", T("a"), retry=R("r", "always_revert")), T("b")), T("c")),
         script=fails("a"))
    case("20 a slow sibling under a retry is awaited, reverted, run again", unordered("f", T("a"), T("b"), retry=times("r", 2)),
         script={"a": {"fail_first": 1}, "b": {"slow": 0.1, "result": 1}}, concurrent=True)
    case("20 a slow sibling that fails too", unordered("f", T("a"), T("b"), retry=times("r", 2)),
         script={"a": {"fail_first": 1}, "b": {"slow": 0.1, "fail_first": 1}}, concurrent=True)
    case("20 a slow branch, local revert of another", unordered("f", linear("g", T("a"), retry=R("r", "always_revert")), linear("h", T("b"), T("c"))),
         script={"a": {"fail_first": 1}, "b": {"slow": 0.1}}, concurrent=True)
    case("20 a slow atom before a flow that failed is not touched", unordered(
        "f", linear("g", T("a"), retry=times("r", 2)), T("b")), script={"a": {"fail_first": 1}, "b": {"slow": 0.15}}, concurrent=True)
    case("31 one that fails when it is already to be reverted", unordered("f", T("a"), T("b")),
         script={"a": {"fail_first": 1}, "b": {"slow": 0.1, "fail_first": 1}}, concurrent=True)


def failing_retries(case):
    case("28 twice in a row", linear("f", T("a"), linear("g", T("b"), retry=times("in", 9)), retry=times("o", 3)), script=fails("in", n=2))
    case("28 more often than its parent bears", linear("f", T("a"), linear("g", T("b"), retry=times("in", 9)), retry=times("o", 2)), script=fails("in"))
    case("28 its parent reverts", linear("f", T("z"), linear("o", T("a"), linear("g", T("b"), retry=times("in", 9)), retry=R("ro", "always_revert"))),
         script=fails("in"))
    case("28 its parent reverts all", linear("f", T("z"), linear("o", T("a"), linear("g", T("b"), retry=times("in", 9)), retry=R("ro", "always_revert_all"))),
         script=fails("in"))
    case("28 in its second attempt", linear("f", T("z"), linear("g", T("b"), retry=times("in", 9)), retry=times("o", 2)),
         script={"b": {"fail_first": 1}, "in": {"fail_first": 0}})
    case("28 without a parent, behind others", linear("f", T("a"), unordered("u", T("b"), T("c")), linear("g", T("d"), retry=each("in", 1, 2))), script=fails("in"))
    case("28 without a parent, deferred", linear("f", T("a"), linear("g", T("b"), retry=times("in", 9))), script=fails("in"), options={"defer_reverts": True})
    case("28 beside a branch", unordered("f", linear("g", T("b"), retry=times("in", 9)), linear("h", T("c"), T("d"))), script=fails("in", n=1))
    case("28 then run again", linear("f", T("a"), linear("g", T("b"), retry=times("in", 2, provides="n"))), script=fails("in", n=1), runs=2)


def failing_reverts(case):
    case("32 of a retry that would try again: it never gets to it", linear("f", T("a"), T("b"), T("c"), retry=times("r", 3)),
         script={"c": {"fail_first": 1}, "b": {"revert_fail_first": 1}})
    case("32 the first atom's", linear("f", T("a"), T("b")), script={"b": {"fail_first": 1}, "a": {"revert_fail_first": 1}})
    case("32 in the second attempt", linear("f", T("a"), T("b"), retry=times("r", 3)), script={"b": {"fail_first": 2}, "a": {"revert_fail_first": 0}})
    case("32 of two side by side", linear("f", unordered("u", T("a"), T("b")), T("c")), script={"c": {"fail_first": 1}, "a": {"revert_fail_first": 1}, "b": {"revert_fail_first": 1}})
    case("32 of a nested retry, its parent is not asked", linear("f", linear("g", T("b"), retry=times("in", 1)), retry=times("o", 3)),
         script={"b": {"fail_first": 1}, "in": {"revert_fail_first": 1}})
    case("32 of the retry that reverts locally", linear("f", T("z"), linear("g", T("b"), retry=R("r", "always_revert")), T("c")),
         script={"b": {"fail_first": 1}, "r": {"revert_fail_first": 1}})
    case("32 other branches are not begun", unordered("f", linear("g", T("a"), retry=R("r", "always_revert")), linear("h", T("b"), T("c"), T("d"))),
         script={"a": {"fail_first": 1, "revert_fail_first": 1}})
    case("32 a slow one beside it ends and is recorded", unordered("f", linear("g", T("a"), retry=R("r", "always_revert")), linear("h", T("b"), T("c"))),
         script={"a": {"fail_first": 1, "revert_fail_first": 1}, "b": {"slow": 0.1, "result": "kept"}}, concurrent=True)
    case("33 run again three times", linear("f", T("a"), T("b"), T("c")), runs=2, script={"c": {"fail_first": 9}, "b": {"revert_fail_first": 9}})
    case("33 run again, the failing one was the failed one", linear("f", T("a"), T("b")), runs=2, script={"b": {"fail_first": 9, "revert_fail_first": 1}})
    case("33 run again, a retry's revert failed", linear("f", T("a"), linear("g", T("b"), retry=R("r", "always_revert_all"))), runs=2,
         script={"b": {"fail_first": 9}, "r": {"revert_fail_first": 1}})
    case("33 run again, in the middle of trying again", linear("f", T("a"), T("b"), retry=times("r", 3)), runs=2,
         script={"b": {"fail_first": 1}, "a": {"revert_fail_first": 1}})


def options(case):
    never = {"never_resolve": True}
    case("44 in parallel: the others end", unordered("f", T("a"), T("b"), linear("g", T("c"), T("d"))), script=fails("a"), options=never)
    case("44 a slow one ends, its successor does not start", unordered("f", T("a"), linear("g", T("b"), T("c"))),
         script={"a": {"fail_first": 1}, "b": {"slow": 0.1}}, options=never, concurrent=True)
    case("44 no retry is asked", linear("f", T("z"), linear("g", T("a"), retry=times("r", 5)), retry=times("o", 5)), script=fails("a", n=1), options=never)
    case("44 nothing fails", linear("f", T("a"), T("b")), options=never)
    case("44 a retry fails", linear("f", T("a"), linear("g", T("b"), retry=times("r", 2))), script=fails("r"), options=never)
    case("44 run again, with a retry", linear("f", T("a"), T("b"), retry=times("r", 3)), script=fails("b", n=1), options=never, runs=2)
    both = {"never_resolve": True, "defer_reverts": True}
    case("44 and 43 at once", linear("f", T("a"), linear("g", T("b"), retry=times("r", 2))), script=fails("b"), options=both)
    defer = {"defer_reverts": True}
    case("43 one level: everything", linear("f", T("a"), linear("g", T("b"), retry=R("r", "always_revert")), T("c")), script=fails("b"), options=defer)
    case("43 a parent that retries is asked first", linear("f", T("a"), linear("g", T("b"), retry=R("r", "always_revert")), retry=times("o", 2)),
         script=fails("b", n=1), options=defer)
    case("43 beside a branch", unordered("f", linear("g", T("a"), retry=R("r", "always_revert")), linear("h", T("b"), T("c"))), script=fails("a"), options=defer)
    case("43 at the root", linear("f", T("a"), T("b"), retry=times("r", 2)), script=fails("b"), options=defer)
    case("43 run again", linear("f", T("a"), linear("g", T("b"), retry=R("r", "always_revert"))), script=fails("b", n=1), options=defer, runs=2)
    case("options said and false", linear("f", T("a"), linear("g", T("b"), retry=times("r", 1))), script=fails("b"),
         options={"defer_reverts": False, "never_resolve": False, "inject_transient": True})
