#include <limits>

#include "common/ports/directory.h"
#include "common/zookeeper/advert_json.h"
#include "tests/fuzz/bytes/expectations.h"

/// What processes write about themselves into ZooKeeper: adverts, members, death notes. An older or newer
/// version, or a person, may have written them.
namespace {

using namespace baton;
using fuzz::expect;

void check(const ports::InboxAddress& inbox) {
  expect(inbox.partition >= 0 && inbox.offset >= 0, "an inbox that is one");
}

void check_advert(std::string_view bytes) {
  const auto advert = zookeeper::advert_from_json(bytes);
  if (!advert) return;
  expect(advert->inbox.has_value(), "an inbox");
  check(*advert->inbox);
  const auto again = zookeeper::advert_from_json(zookeeper::to_json(*advert));
  expect(again && *again == *advert, "an advert that is read, written and read");
}

void check_member(std::string_view bytes) {
  const auto member = zookeeper::member_from_json(bytes);
  if (!member) return;
  if (member->inbox) check(*member->inbox);
  const auto again = zookeeper::member_from_json(zookeeper::to_json(*member));
  expect(again && *again == *member, "a member that is read, written and read");
}

void check_death_note(std::string_view bytes) {
  const auto note = ports::death_note_from_json(bytes);
  const auto again = ports::death_note_from_json(ports::to_json(note));
  expect(again.job == note.job && again.tasks == note.tasks, "a death note that is read, written and read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  check_advert(bytes);
  check_member(bytes);
  check_death_note(bytes);
  return 0;
}
