#include "common/runtime/named_uuid.h"

using namespace baton;

TEST_CASE("a name has one uuid in a space") {
  const auto dns = *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  CHECK(runtime::named_uuid(dns, "www.example.com").to_string() == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  CHECK(runtime::named_uuid(dns, "www.example.org") != runtime::named_uuid(dns, "www.example.com"));
}
