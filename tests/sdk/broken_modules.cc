#include <baton/registry.h>

/// Modules that must be refused, each compiled from this file with its own definition.
using namespace baton::sdk;

#if defined(BATON_TEST_DEFINITION_THROWS)
BATON_MODULE("tests.throws", "1") {
  (void)flows;
  throw std::runtime_error("no licence file");
}
#elif defined(BATON_TEST_SAME_NAMES)
namespace {
struct Nothing : Task {
  json::value execute(Context&, const json::object&) override { return nullptr; }
};
}  // namespace
BATON_MODULE("tests.same", "1") {
  tasks.add<Nothing>("echo");
}
#elif defined(BATON_TEST_OLD_ABI)
extern "C" __attribute__((visibility("default"))) const baton_module_v1* baton_module(void);
extern "C" const baton_module_v1* baton_module(void) {
  static const baton_module_v1 module{77,      {"old", 3}, {"1", 1}, nullptr, 0,
                                      nullptr, 0,          nullptr,  0,       {nullptr, 0}};
  return &module;
}
#elif defined(BATON_TEST_NO_ENTRY)
extern "C" __attribute__((visibility("default"))) int not_a_baton_module(void);
extern "C" int not_a_baton_module(void) {
  return 1;
}
#endif
