"""Semantics 1 to 16: what a flow is compiled to, whence values come, what is refused."""
from building import ECHO, EQ, L, NO, R, T, YES, each, fails, graph, linear, times, unordered  # noqa: F401


def cases(case):
    shapes(case)
    graphs(case)
    refused(case)
    names(case)
    values(case)
    scopes(case)
    arguments(case)
    missing_at_run_time(case)


def shapes(case):
    case("1 an empty graph flow", graph("f"))
    case("1 an empty unordered flow", unordered("f"))
    case("1 empty flows in empty flows", linear("f", unordered("g", graph("h"), linear("i")), linear("j")))
    case("1 a graph flow of empty flows, linked",
         graph("f", linear("x"), unordered("y"), graph("z"), links=[L("x", "y"), L("y", "z")]))
    case("1 empty flows between tasks of an unordered flow", unordered("f", linear("e"), T("a"), graph("g"), T("b")))
    case("1 an empty flow between flows keeps their order",
         linear("f", unordered("u", T("a"), T("b")), linear("e"), unordered("v", T("c"), T("d"))))
    case("1 a failure behind an empty flow", linear("f", T("a"), linear("e"), T("b")), script=fails("b"))
    case("1 an empty flow in a graph carries order",
         graph("f", T("b"), linear("e"), T("a"), links=[L("a", "e"), L("e", "b")]), script=fails("b"))
    case("2 a retry over an empty flow", unordered("f", linear("e"), retry=times("r", 3, provides="n")))
    case("2 only retries", linear("f", linear("g", linear("h", retry=times("r3", 2, provides="c")),
                                             retry=times("r2", 2, provides="b")), retry=times("r1", 2, provides="a")))
    case("2 a nested flow of one retry fails with it", linear("f", T("a"), linear("g", retry=times("r", 2)), T("b")),
         script=fails("r", n=1))
    case("2 a nested flow of one retry, under one that tries again",
         linear("f", T("a"), linear("g", retry=times("r", 2)), T("b"), retry=times("o", 2)), script=fails("r", n=1))
    case("2 a retry of an unordered flow reverts after all of it",
         linear("f", T("z"), unordered("u", T("a"), T("b"), linear("g", T("c"), T("d")), retry=R("r", "always_revert"))),
         script=fails("d"))
    case("2 a retry of a graph flow comes before its tasks",
         graph("f", T("b", "x"), T("a", "n", "x"), retry=times("r", 2, provides="n")), script={"a": ECHO, "b": ECHO})
    case("3 flows linked to flows", graph("f", unordered("x", T("a"), T("b")), unordered("y", T("c"), T("d")),
                                         linear("z", T("e")), links=[L("z", "y"), L("y", "x")]), script=fails("a"))
    case("3 what follows deep flows waits for all of them",
         linear("f", unordered("u", linear("g", T("a"), unordered("h", T("b"), T("c"))), T("d")), T("e")),
         script=fails("e"))
    case("3 nested unordered flows side by side",
         unordered("f", unordered("u", T("a"), T("b")), unordered("v", T("c"), linear("w", T("d"), T("e")))),
         script=fails("e"))
    case("4 linear of one", linear("f", T("a")))
    case("4 the same link twice", graph("f", T("a"), T("b"), links=[L("a", "b"), L("a", "b")]))
    case("4 a link over an inferred one adds its decider",
         graph("f", T("a", None, "x"), T("b", "x"), links=[L("a", "b", NO)]), script={"a": {"result": 1}})
    case("4 a plain link over a decided one leaves the decider",
         graph("f", T("a"), T("b"), links=[L("a", "b", NO), L("a", "b")]))
    case("4 a later decider takes the place of an earlier one",
         graph("f", T("a"), T("b"), T("c"), links=[L("a", "b", NO), L("b", "c"), L("a", "b", YES)]))
    case("4 a later depth takes the place of an earlier one",
         graph("f", T("a"), T("b"), T("c"), links=[L("a", "b", NO, "all"), L("b", "c"), L("a", "b", NO, "atom")]))
    case("4 a link to a flow from its neighbour, both ways of writing",
         graph("f", linear("g", T("a")), T("b"), linear("h", T("c")), links=[L("g", "b"), L("b", "h"), L("g", "h")]))


def graphs(case):
    case("5 a chain by symbols, listed backwards",
         graph("f", T("d", "z"), T("c", "y", "z"), T("b", "x", "y"), T("a", None, "x")),
         script={"a": {"result": 1}, "b": ECHO, "c": ECHO, "d": ECHO})
    case("5 a diamond by symbols", graph("f", T("a", None, "x"), T("b", "x", "y"), T("c", "x", "z"), T("d", "y z")),
         script={**fails("d"), "a": {"result": 1}})
    case("5 a provider between two consumers serves both",
         graph("f", T("c1", "x"), T("a", None, "x"), T("c2", "x")), script={"a": {"result": 4}, "c1": ECHO, "c2": ECHO})
    case("5 p1, consumer, p2: p1 it is, and p2 is free",
         graph("f", T("p1", None, "x"), T("c", "x"), T("p2", None, "x"), T("d", "y"), T("q", None, "y")),
         script={"p1": {"result": 1}, "p2": {"result": 2}, "c": ECHO, "d": ECHO, "q": {"result": 3}})
    case("5 p1, c1, p2, c2 is ambiguous for c2",
         graph("f", T("p1", None, "x"), T("c1", "x"), T("p2", None, "x"), T("c2", "x")))
    case("5 an ancestor that provides settles it: the second provider is no matter",
         graph("f", T("p1", None, "x"), T("m", "x", "y"), T("p2", None, "x"), T("c", "y")),
         script={"p1": {"result": 1}, "m": {"result": 2}, "c": ECHO})
    case("5 two providers, one of them an ancestor by another symbol",
         graph("f", T("p1", None, ["x", "y"]), T("p2", None, "x"), T("c", "y"), T("d", "x y")),
         script={"p1": {"result": [1, 2]}})
    case("5 a flow as provider", graph("f", T("c", "x"), linear("g", T("a"), T("b", None, "x"))),
         script={"b": {"result": "b"}, "c": ECHO})
    case("5 a flow as consumer", graph("f", linear("g", T("a"), T("c", "x")), T("b", None, "x")),
         script={"b": {"result": "b"}, "c": ECHO})
    case("5 flow to flow", graph("f", unordered("g", T("c", "x"), T("d", "y")), linear("h", T("a", None, "x"), T("b", None, "y"))),
         script={"a": {"result": 1}, "b": {"result": 2}, "c": ECHO, "d": ECHO})
    case("5 a flow that provides for itself needs nothing",
         graph("f", linear("g", T("a", None, "x"), T("b", "x")), T("p", None, "x")),
         script={"a": {"result": "in"}, "p": {"result": "out"}, "b": ECHO})
    case("5 an unordered flow does not provide for itself",
         graph("f", unordered("g", T("a", None, "x"), T("b", "x")), T("p", None, "x")),
         script={"a": {"result": "in"}, "p": {"result": "out"}, "b": ECHO})
    case("5 a nested flow's retry provides within it",
         graph("f", linear("g", T("b", "n"), retry=times("r", 2, provides="n")), T("p", None, "n")),
         script={"p": {"result": "out"}, "b": ECHO})
    case("5 a nested flow's retry is a provider for what follows",
         graph("f", T("c", "n"), linear("g", T("b"), retry=times("r", 2, provides="n"))), script={"c": ECHO})
    case("5 a nested retry's need links its flow",
         graph("f", linear("g", T("b", "n"), retry=R("r", "parameterized_for_each", rebind={"values": "v"}, provides="n")),
               T("p", None, "v")), script={"p": {"result": ["h", "i"]}, "b": {"fail_first": 1, "result": "echo"}})
    case("5 the graph flow's own retry provides: no link needed",
         graph("f", T("c", "n"), T("p", None, "n"), retry=times("r", 2, provides="n")),
         script={"p": {"result": "p"}, "c": ECHO})
    case("5 what the store has is linked all the same", graph("f", T("c", "x"), T("a", None, "x")), store={"x": "stored"},
         script={"a": {"result": 1}, "c": ECHO})
    case("5 two providers are ambiguous though the store has it",
         graph("f", T("a", None, "x"), T("b", None, "x"), T("c", "x")), store={"x": 1})
    case("5 two flows that provide are ambiguous",
         graph("f", linear("g", T("a", None, "x")), linear("h", T("b", None, "x")), T("c", "x")))
    case("5 by rebind", graph("f", T("c", rebind={"p": "x"}), T("a", None, "x")), script={"a": {"result": 9}, "c": ECHO})
    case("6 what is injected is not needed: no link, no ambiguity",
         graph("f", T("a", None, "x"), T("b", None, "x"), T("c", "x", inject={"x": 0})), script={"c": ECHO})
    case("6 what is injected for revert is not needed",
         linear("f", T("a", revert_requires=["w"], inject={"w": 5}), T("b")), script=fails("b"))
    case("6 revert's symbols link", graph("f", T("c", revert_requires=["x"]), T("a", None, "x"), T("b"),
                                          links=[L("c", "b")]), script={"a": {"result": 1}, "b": {"fail_first": 1}})
    case("6 revert's symbols can be ambiguous",
         graph("f", T("a", None, "x"), T("b", None, "x"), T("c", revert_requires=["x"])))
    case("6 revert's symbols can close a cycle", graph("f", T("a", None, "x", revert_requires=["y"]), T("b", "x", "y")))


def refused(case):
    case("7 a cycle of three by links", graph("f", T("a"), T("b"), T("c"), links=[L("a", "b"), L("b", "c"), L("c", "a")]))
    case("7 a cycle of flows by symbols",
         graph("f", linear("g", T("a", "y", "x")), linear("h", T("b", "x", "y"))))
    case("7 a task that needs what it provides", graph("f", T("a", "x", "x")))
    case("7 a task that needs what it provides, stored", graph("f", T("a", "x", "x")), store={"x": 1})
    case("7 a cycle deep inside", linear("f", unordered("u", graph("g", T("a", "x", "y"), T("b", "y", "x")))))
    case("7 a link to oneself, a flow", graph("f", linear("g", T("a")), links=[L("g", "g")]))
    case("7 a link from nobody", graph("f", T("a"), links=[L("nobody", "a")]))
    case("7 a link to the flow itself", graph("f", T("a"), links=[L("a", "f")]))
    case("7 a link to a retry", graph("f", T("a"), retry=times("r", 1), links=[L("r", "a")]))
    case("7 a depth on a plain second link", graph("f", T("a"), T("b"), links=[L("a", "b", NO), L("a", "b", None, "atom")]))
    case("7 a bad link deep inside", linear("f", T("z"), graph("g", T("a"), links=[L("a", "z")])))
    case("7 a bad link is found before a missing symbol", graph("f", T("a", "nowhere"), links=[L("a", "b")]))
    case("7 a bad link is found before a double name", graph("f", T("a"), T("a"), links=[L("a", "b")]))
    case("7 of a cycle and a bad link the first counts", graph("f", T("a"), T("b"), links=[L("a", "a"), L("a", "c")]))
    case("7 of a bad link and a cycle the first counts", graph("f", T("a"), T("b"), links=[L("a", "c"), L("a", "a")]))
    twice = [T("p", None, "x"), T("q", None, "x"), T("c", "x")]
    ring = graph("ring", T("m", "y", "z"), T("n", "z", "y"))
    case("7 an ambiguity before a flow with a cycle", graph("f", *twice, ring), unjudged=True)
    case("7 a flow with a cycle before an ambiguity", graph("f", ring, *twice))
    case("7 a cycle before a flow with an ambiguity", graph("f", T("m", "y", "z"), T("n", "z", "y"), graph("g", *twice)),
         unjudged=True)
    case("7 an ambiguity deep in the first flow, a cycle in the second", linear("f", unordered("u", graph("g", *twice)), ring))
    case("7 a bad link of an inner flow before an ambiguity of the outer",
         graph("f", graph("g", T("a"), links=[L("a", "b")]), *twice))
    case("7 a bad link comes after all nodes", graph("f", T("a"), *twice, links=[L("a", "b")]))
    case("8 a graph flow's retry needs what its child's child provides",
         graph("f", linear("g", T("a", None, "v")), retry=R("r", "parameterized_for_each", rebind={"values": "v"})))
    case("8 the same, stored too", graph("f", T("a", None, "values"), retry=R("r", "parameterized_for_each")),
         store={"values": [1]})
    case("8 by requires of times", graph("f", T("a", None, "v"), retry=times("r", 2, requires=["v"])))
    case("8 nested in a linear flow", linear("f", T("z"), graph("g", T("a", None, "v"), retry=times("r", 2, requires=["v"]))))
    case("8 in a linear flow it is missing", linear("f", T("a", None, "v"), retry=times("r", 2, requires=["v"])))
    case("8 in an unordered flow it is missing", unordered("f", T("a", None, "v"), retry=times("r", 2, requires=["v"])))
    case("8 what comes before the nested graph flow is fine",
         linear("f", T("a", None, "v"), graph("g", T("b"), retry=times("r", 2, requires=["v"]))))
    case("8 double name and a retry that needs a child: which is first", graph(
        "f", T("a", None, "v"), linear("h", T("a")), retry=times("r", 2, requires=["v"])))
    case("9 two retries of one name", linear("f", linear("g", T("a"), retry=times("r", 1)), linear("h", T("b"), retry=times("r", 1))))
    case("9 two unnamed retries of flows of one name",
         linear("f", linear("g", T("a"), retry=R(None, "times")), linear("g", T("b"), retry=R(None, "times"))))
    case("9 a task called like an unnamed retry", linear("f", T("f_retry"), retry=R(None, "times", attempts=2)))
    case("9 a task called like its flow", linear("a", T("a"), linear("a", T("b"))))
    case("9 two tasks of one name in one unordered flow", unordered("f", T("a"), T("a")))
    case("9 double name and a missing symbol", linear("f", T("a", "nowhere"), linear("g", T("a"))))
    case("14 all that is missing, sorted, once", linear("f", T("a", "z y"), unordered("u", T("b", "y x"), T("c", revert_requires=["w"]))))
    case("14 what a rebind misses", linear("f", T("a", rebind={"p": "nowhere"})))
    case("14 what a retry misses", linear("f", T("a"), retry=times("r", 2, requires=["nowhere"])))
    case("14 what a retry's rebind misses", linear("f", T("a"), retry=R("r", "parameterized_for_each", rebind={"values": "nowhere"})))
    case("14 a provider in a nested unordered sibling", unordered("f", linear("g", T("a", None, "x")), linear("h", T("b", "x"))))
    case("14 a provider that follows in a linear flow of flows", linear("f", linear("g", T("a", "x")), linear("h", T("b", None, "x"))))
    case("14 a task's own symbol", linear("f", T("a", "x", "x")))
    case("14 a task's own symbol, stored", linear("f", T("a", "x", "x")), store={"x": 1}, script={"a": ECHO})
    case("14 a symbol that only an ignored atom could provide passes", graph(
        "f", T("g"), T("p", None, "x"), T("c", "x"), links=[L("g", "p", NO, "all")]))


def names(case):
    case("unicode names", linear("ƒløw", T("Grüße", None, "Straße"), T("日本", "Straße"), T("a b.c/d:e#2", "Straße"),
                                 retry=each("ретрай", "ä", "漢", provides="∂")),
         script={"Grüße": {"result": {"ключ": "значение"}}, "日本": ECHO, "a b.c/d:e#2": {**ECHO, "fail_first": 1}})
    case("unicode values in the store", linear("f", T("a", "π")), store={"π": "\U0001f600 \u00e9 \t\n\"\\ /"}, script={"a": ECHO})
    case("names that look like JSON", linear("f", T("{\"a\":1}"), T("null"), T("true"), T("0")))
    case("a symbol called like an atom", linear("f", T("a", None, "a"), T("b", "a")), script={"a": {"result": 1}, "b": ECHO})
    case("a long name", linear("f" * 100, T("a" * 200, None, "s" * 150), T("b", "s" * 150)),
         script={"a" * 200: {"result": "x" * 300}, "b": ECHO})
    case("names in hash order and out of it", unordered("f", *[T("t%d" % i) for i in range(12)]), script=fails("t7"))


def values(case):
    odd = {"null": None, "no": False, "zero": 0, "minus": -1, "empty": "", "none": [], "nothing": {}, "half": 0.5,
           "big": 2 ** 53, "tiny": 1e-300, "deep": [[[[[{"a": [{}]}]]]]]}
    for name, value in odd.items():
        case("a result that is %s" % name, linear("f", T("a", None, "x"), T("b", "x"), T("c")),
             script={"a": {"result": value}, "b": ECHO, "c": {"fail_first": 1}}, runs=2)
    case("11 whole, list and keys of one result",
         linear("f", T("a", None, {"keys": ["x"]}), T("b", None, ["y"]), T("c", None, "z"), T("d", "x y z")),
         script={"a": {"result": {"x": 1, "w": 2}}, "b": {"result": ["first", "second"]}, "c": {"result": [0]}, "d": ECHO})
    case("11 one name in a list takes the first item", linear("f", T("a", None, ["x"]), T("b", "x")),
         script={"a": {"result": "text"}, "b": ECHO})
    case("11 items of a string", linear("f", T("a", None, ["x", "y"]), T("b", "x y")),
         script={"a": {"result": "äb"}, "b": ECHO})
    case("11 provides nothing by an empty list", linear("f", T("a", None, []), T("b")), script={"a": {"result": 1}})
    case("11 nobody wants the missing item", linear("f", T("a", None, ["x", "y"]), T("b", "x")),
         script={"a": {"result": [1]}, "b": ECHO})
    case("11 nobody wants the missing key", linear("f", T("a", None, {"keys": ["x", "y"]}), T("b", "x")),
         script={"a": {"result": {"x": 1}}, "b": ECHO})
    case("11 items of null that nobody wants", linear("f", T("a", None, ["x"]), T("b")))
    case("11 keys of a list that nobody wants", linear("f", T("a", None, {"keys": ["x"]}), T("b")), script={"a": {"result": [1]}})
    case("11 a retry by index and by key", linear(
        "f", linear("g", T("a", "x y"), retry=each("r", [1, 2], [3, 4], provides=["x", "y"])),
        linear("h", T("b", "k"), retry=each("s", {"k": 1}, {"k": 2}, provides={"keys": ["k"]}))),
        script={"a": {**ECHO, "fail_first": 1}, "b": {**ECHO, "fail_first": 1}})
    case("result_seq: the last repeats", linear("f", T("a"), T("b"), retry=times("r", 5)),
         script={"a": {"result_seq": ["one", "two"]}, "b": {"fail_first": 3}})
    case("result_seq with a failure in it counts on", linear("f", T("a"), retry=times("r", 5)),
         script={"a": {"result_seq": [1, 2, 3], "fail_first": 2}})


def scopes(case):
    case("12 of three the nearest", linear("f", T("a", None, "x"), T("b", None, "x"), T("c", None, "x"), T("d", "x")),
         script={"a": {"result": 1}, "b": {"result": 2}, "c": {"result": 3}, "d": ECHO})
    case("12 the nearer flow's first atom before a farther task",
         linear("f", T("a", None, "x"), linear("g", T("b", None, "x"), T("m")), T("d", "x")),
         script={"a": {"result": 1}, "b": {"result": 2}, "d": ECHO})
    case("12 an inner flow's last before its first", linear("f", linear("g", T("a", None, "x"), T("b", None, "x")), T("d", "x")),
         script={"a": {"result": 1}, "b": {"result": 2}, "d": ECHO})
    case("12 of unordered siblings in an earlier flow the last listed",
         linear("f", unordered("u", T("a", None, "x"), T("b", None, "x")), T("d", "x")),
         script={"a": {"result": 1}, "b": {"result": 2}, "d": ECHO})
    case("12 the inner retry before the outer task",
         linear("f", T("a", None, "n"), linear("g", T("b", "n"), retry=times("r", 2, provides="n"))),
         script={"a": {"result": "a"}, "b": ECHO})
    case("12 the inner retry before the outer retry",
         linear("f", T("a", "n"), linear("g", T("b", "n"), retry=each("in", "i", provides="n")), T("c", "n"),
                retry=each("out", "o", provides="n")), script={"a": ECHO, "b": ECHO, "c": ECHO})
    case("12 an outer retry's value deep inside", linear("f", unordered("u", linear("g", T("b", "n"))), retry=times("r", 2, provides="n")),
         script={"b": {**ECHO, "fail_first": 1}})
    case("12 four levels, the third provides",
         linear("f", T("a", None, "x"), linear("g", T("b", None, "x"), linear("h", T("m"), linear("i", T("d", "x"))))),
         script={"a": {"result": 1}, "b": {"result": 2}, "d": ECHO})
    case("12 store before everything but inject",
         linear("f", T("a", None, "x"), T("b", "x"), T("c", "x", inject={"x": "inject"}), retry=times("r", 1, provides="x")),
         store={"x": "store"}, script={"a": {"result": 1}, "b": ECHO, "c": ECHO})
    case("12 store before a retry's value", linear("f", T("b", "n"), retry=times("r", 2, provides="n")), store={"n": "store"},
         script={"b": {**ECHO, "fail_first": 1}})
    case("12 a stored null hides", linear("f", T("a", None, "x"), T("b", "x")), store={"x": None},
         script={"a": {"result": 1}, "b": ECHO})
    case("12 the first candidate from which the item can be taken",
         linear("f", T("a", None, ["w", "x"]), T("b", None, ["v", "x"]), T("c", "x")),
         script={"a": {"result": [1, 2]}, "b": {"result": [3]}, "c": ECHO})
    case("12 a short key, an older sibling has it",
         linear("f", T("a", None, "x"), T("b", None, {"keys": ["x"]}), T("c", "x")),
         script={"a": {"result": "old"}, "b": {"result": {"y": 1}}, "c": ECHO})
    case("12 an ignored provider, the retry's value is next",
         graph("f", T("g"), T("b", None, "n"), T("c", "n"), retry=times("r", 2, provides="n"),
               links=[L("g", "b", NO, "atom"), L("b", "c")]), script={"b": {"result": "b"}, "c": ECHO})
    case("12 an ignored level gives way to the outer one",
         linear("f", T("a", None, "x"), graph("g", T("m"), T("b", None, "x"), T("c", "x"), links=[L("m", "b", NO, "atom"), L("b", "c")])),
         script={"a": {"result": "outer"}, "b": {"result": 2}, "c": ECHO})
    case("12 graph order: a later generation is nearer",
         graph("f", T("c", "x"), T("p", None, "x"), T("m"), T("q", None, "x"), links=[L("m", "q"), L("q", "c"), L("p", "c")]),
         script={"p": {"result": 1}, "q": {"result": 2}, "c": ECHO})
    case("12 graph order: within a generation the later listed",
         graph("f", T("c", "x"), T("p", None, "x"), T("q", None, "x"), links=[L("q", "c"), L("p", "c")]),
         script={"p": {"result": 1}, "q": {"result": 2}, "c": ECHO})
    case("12 a graph sibling that does not precede is not seen",
         graph("f", T("p", None, "x"), T("c", "x"), T("q", None, "x"), T("z"), links=[L("c", "z"), L("q", "z")]),
         script={"p": {"result": 1}, "q": {"result": 2}, "c": ECHO})
    case("12 provided again after a retry", linear("f", T("a", None, "x"), T("b", "x"), retry=times("r", 3)),
         script={"a": {"result_seq": ["first", "second", "third"]}, "b": {**ECHO, "fail_first": 2}})
    case("13 unordered siblings and an outer provider",
         linear("f", T("o", None, "x"), unordered("u", T("a", None, "x"), T("b", "x"))),
         script={"o": {"result": "outer"}, "a": {"result": "sibling"}, "b": ECHO})
    case("13 a flow's content in an unordered flow and an outer provider",
         linear("f", T("o", None, "x"), unordered("u", linear("g", T("a", None, "x"), T("m", "x")), linear("h", T("b", "x")))),
         script={"o": {"result": "outer"}, "a": {"result": "inner"}, "b": ECHO, "m": ECHO})


def arguments(case):
    case("10 an argument in requires and in rebind takes the rebound symbol",
         linear("f", T("a", "p q", rebind={"p": "s"})), store={"p": "plain", "q": 1, "s": "rebound"}, script={"a": ECHO})
    case("10 two arguments of one symbol", linear("f", T("a", "s", rebind={"p": "s", "q": "s"})), store={"s": [1]}, script={"a": ECHO})
    case("10 a rebind to an injected symbol", linear("f", T("a", rebind={"p": "k"}, inject={"k": 3})), script={"a": ECHO})
    case("10 inject that nobody asks for", linear("f", T("a", inject={"k": 3})), script={"a": ECHO})
    case("10 revert has its own requires and the rebind",
         linear("f", T("a", "s", revert_requires=["w"], rebind={"p": "v"}), T("b")), store={"s": 1, "w": 2, "v": 3}, script=fails("b"))
    case("10 empty revert_requires means execute's", linear("f", T("a", "s", revert_requires=[]), T("b")), store={"s": 1}, script=fails("b"))
    case("10 revert reads the value of now", linear("f", T("p", None, "x"), T("a", "x"), T("b"), retry=times("r", 3)),
         script={"p": {"result_seq": [1, 2, 3]}, "a": ECHO, "b": {"fail_first": 2}})
    case("10 a failed task is given its failure and its arguments", linear("f", T("a", "s")), store={"s": 1}, script=fails("a"))
    case("10 a retry with requires and rebind", linear("f", T("o", None, "x"), linear(
        "g", T("a", "n"), retry=times("r", 2, provides="n", requires=["x"], rebind={"p": "x"}))),
        script={"o": {"result": 1}, "a": {**ECHO, "fail_first": 1}})
    case("10 inject on a task that is reverted", linear("f", T("a", "k", inject={"k": {"deep": [1]}}), T("b")), script=fails("b"))
    case("10 inject beats a retry's value", linear("f", T("a", "n", inject={"n": "in"}), retry=times("r", 2, provides="n")),
         script={"a": {**ECHO, "fail_first": 1}})
    case("45 inject_transient false, through a retry and a revert",
         linear("f", T("a", "k", inject={"k": 1}), T("b", "k", inject={"k": 2}), retry=times("r", 2)),
         options={"inject_transient": False}, script={"a": ECHO, "b": {**ECHO, "fail_first": 9}})
    case("10 requires named twice", linear("f", T("a", "s s")), store={"s": 1}, script={"a": ECHO})


def missing_at_run_time(case):
    case("15 a short result and a sibling of its consumer",
         linear("f", T("z"), T("a", None, ["x", "y"]), unordered("u", T("b", "y"))), script={"a": {"result": [1]}})
    case("15 no such key", linear("f", T("a", None, {"keys": ["x"]}), T("b", "x")), script={"a": {"result": {"y": 1}}})
    case("15 a list asked for a key", linear("f", T("a", None, {"keys": ["x"]}), T("b", "x")), script={"a": {"result": [1]}})
    case("15 a number asked for an item", linear("f", T("a", None, ["x"]), T("b", "x")), script={"a": {"result": 5}})
    case("15 an ignored provider whose symbol revert needs", graph(
        "f", T("g"), T("p", None, "x"), T("c", revert_requires=["x"]), T("d"),
        links=[L("g", "p", NO, "atom"), L("p", "c"), L("c", "d")]), script=fails("d"))
