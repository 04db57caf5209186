#include "common/model/job.h"
#include "common/ports/job_content.h"
#include "common/zookeeper/trash_data.h"
#include "tests/fuzz/bytes/expectations.h"

/// The bytes of a job node on the board: whoever may write to ZooKeeper may write anything there.
namespace {

using namespace baton;
using fuzz::expect;

constexpr std::string_view kReason = "because";
constexpr std::size_t kRoomBytesMax = 512 * kKiB;  // a posting of that size has room for a reason in its node

void expect_same(const Posting& one, const Posting& other, std::uint32_t run) {
  expect(one.uuid == other.uuid && one.name == other.name && one.priority == other.priority, "who and what");
  expect(one.details == other.details && one.book == other.book, "what is asked for, byte for byte");
  expect(other.run == run, "the run");
  expect(ports::content_of(one) == ports::content_of(other), "one content");
  expect(ports::flow_name_of(one) == ports::flow_name_of(other), "one flow");
}

/// What is read can be posted again, as it is and for another run, and is the same then.
void check(const Posting& posting) {
  expect(!posting.uuid.value.empty(), "a uuid");
  fuzz::expect_storable(posting.name, "the name");
  expect(Value::parse(posting.details.json()).ok(), "details that can be kept");
  const auto raw = Posting::parse(posting.raw.json());
  expect(raw.ok(), "what it keeps can be read");
  expect_same(posting, *raw, posting.run);
  const auto again = posting.for_run(posting.run + 1);
  if (!again.ok()) return fuzz::expect_told(again.error().message);
  expect_same(posting, *again, posting.run + 1);
  const auto made =
      Posting::make(posting.uuid, posting.name, posting.priority, posting.details, posting.book, posting.run);
  if (made.ok()) expect_same(posting, *made, posting.run);
}

/// People find in the trash what was posted, and why it is there.
void check_trash(std::string_view bytes) {
  const std::string kept = zookeeper::with_trash_reason(bytes, kReason);
  const auto posted = Value::parse(bytes, kMiB);
  const auto was = posted.ok() ? posted->tree() : boost::json::value();
  if (!was.is_object() || was.get_object().contains("trash_reason"))
    return expect(kept == bytes, "what can have no reason is kept as it is");
  if (kept == bytes) return expect(bytes.size() > kRoomBytesMax, "there is no room for the reason");
  const auto value = Value::parse(kept, 2 * kMiB);
  expect(value.ok(), "what is kept in the trash is JSON if the posting was");
  auto is = value->tree().as_object();
  expect(is.at("trash_reason") == boost::json::value(kReason.data()), "the reason is there");
  expect(is.size() == was.get_object().size() + 1, "and nothing else");
  // By bytes: Boost.JSON may read one long number as two that differ in their last bit.
  const std::string body(posted->json());
  expect(kept.starts_with(body.substr(0, body.size() - 1)), "what was posted stands as it was posted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto posting = Posting::parse(bytes);
  if (posting.ok())
    check(*posting);
  else
    fuzz::expect_told(posting.error().message);
  check_trash(bytes);
  return 0;
}
