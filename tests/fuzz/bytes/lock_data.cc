#include "common/zookeeper/lock_data.h"

#include "common/model/limits.h"
#include "common/model/name_list.h"
#include "common/model/storable_text.h"
#include "common/zookeeper/session_file.h"
#include "tests/fuzz/bytes/expectations.h"
#include "tests/fuzz/bytes/scratch_file.h"

/// The bytes of a lock, TaskFlow's or anybody's, and those of the file by which a supervisor closes the
/// session of a daemon that has died.
namespace {

using namespace baton;
using fuzz::expect;

constexpr std::size_t kOwnerShownMax =
    kNameBytesMax + std::string_view("…").size();  // cut where it is longer

void check_lock(std::string_view bytes) {
  fuzz::expect_told(zookeeper::owner_in(bytes), kOwnerShownMax);
  const std::string owner(bytes.substr(0, kNameBytesMax));
  if (owner.empty() || !is_storable_text(owner)) return;
  const auto ours = zookeeper::lock_data(owner, -1, Incarnation{});
  fuzz::expect_told(zookeeper::owner_in(ours), kOwnerShownMax);
  expect(zookeeper::owner_in(ours) == shown_name(owner, kNameBytesMax), "whose it is");
}

void check_session_file(std::string_view bytes) {
  static fuzz::ScratchFile file;
  file.write(bytes);
  const auto read = zookeeper::read_session_file(file.path());
  if (!read.ok()) return fuzz::expect_told(read.error());
  expect(read->identity.timeout.count() > 0, "a timeout");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_lock(fuzz::text_of(data, size));
  check_session_file(fuzz::text_of(data, size));
  return 0;
}
