#include "client/command/profiles.h"

#include <string>

#include "flowfile/limits.h"
#include "tests/fuzz/bytes/expectations.h"
#include "tests/fuzz/bytes/scratch_file.h"

/// A file of profiles as people write it, and as `baton profile use` writes it again.
namespace {

using namespace baton;
using client::Profiles;
using fuzz::expect;

constexpr std::size_t kFileBytesMax = 64 * 1024;  // of a file of profiles, and so of a name in it

bool same(const client::Profile& one, const client::Profile& other) {
  return one.name == other.name && one.api == other.api;
}

/// Another default is all that is different, and nothing is lost; or it is refused.
void check_use(const Profiles& profiles, const std::string& name) {
  static fuzz::ScratchFile file;
  const auto text = profiles.text_with_default(name);
  if (!text) return;
  file.write(*text);
  const auto again = Profiles::read(file.path());
  expect(again.ok(), "what is written can be read: " + (again.ok() ? "" : again.error()));
  expect(again->fallback() == name, "the default is what it was made");
  expect(std::equal(again->all().begin(), again->all().end(), profiles.all().begin(), profiles.all().end(),
                    same),
         "the profiles are what they were");
}

void check(const Profiles& profiles) {
  if (!profiles.fallback().empty()) expect(profiles.find(profiles.fallback()), "the default is one of them");
  for (const auto& profile : profiles.all()) {
    expect(!profile.api.empty(), "a profile names somebody to ask");
    for (const auto& address : profile.api) fuzz::expect_told(address, kFileBytesMax);
    client::Whom whom;
    whom.profile = profile.name;
    whom.file = profiles.file();
    if (profile.name.empty()) continue;
    fuzz::expect_told(profile.name, kFileBytesMax);
    expect(profile.name.find('\n') == std::string::npos, "a name is one line");
    const auto asked = client::whom_to_ask(whom);
    expect(asked.ok() && *asked == profile.api, "who is asked by its name");
    check_use(profiles, profile.name);
  }
  fuzz::expect_told(profiles.unknown("another"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::ScratchFile file;
  file.write(fuzz::text_of(data, size));
  const auto profiles = Profiles::read(file.path());
  if (profiles.ok())
    check(*profiles);
  else
    fuzz::expect_told(profiles.error(), flowfile::kProblemsMax * fuzz::kToldBytesMax);
  return 0;
}
