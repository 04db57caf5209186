#include <baton/registry.h>

#include <cstdlib>

/// A module with a defect that no exception tells of.
BATON_MODULE("tests.deadly", "1.0") {
  using namespace baton::sdk;
  flows.add(
      "die", Parameters{}, [](const json::object&) -> Flow { std::abort(); }, "kills whoever compiles it");
}
