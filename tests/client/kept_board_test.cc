#include "client/local/kept_board.h"

#include <catch2/catch.hpp>
#include <optional>

#include "common/memory/job_board.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/os_entropy.h"
#include "tests/support/scratch_folder.h"

using namespace baton;

namespace {

using Posted = Result<std::string, ports::BoardError>;

struct Story {
  Story() : ensemble(loop, loop, entropy), session(ensemble), memory_board(session, {}) {
    auto opened =
        sqlite::FlowFile::open(folder.path() + "/dev.state", sqlite::StateFile::IfMissing::Make, loop, loop);
    REQUIRE(opened.ok());
    file = std::move(opened).value();
    board.emplace(memory_board, *file);
  }

  /// Nothing: nobody was told within ten seconds.
  std::optional<Posted> post(const std::string& uuid) {
    std::optional<Posted> answer;
    const auto posting =
        Posting::make(JobId(uuid), "job", Priority::Normal, Value::from_stored("{}")).value();
    board->post(posting, [&](const Posted& said) {
      answer = said;
      loop.stop();
    });
    const auto timer = loop.after(Millis(10'000), [this] { loop.stop(); });
    loop.run();
    loop.cancel(timer);
    return answer;
  }

  test::ScratchFolder folder;
  runtime::AsioLoop loop;
  runtime::OsEntropy entropy;
  memory::MemoryEnsemble ensemble;
  memory::MemorySession session;
  memory::MemoryJobBoard memory_board;
  std::unique_ptr<sqlite::FlowFile> file;
  std::optional<client::KeptBoard> board;
};

const std::string kFirst = "00000000-0000-4000-8000-000000000001";

}  // namespace

TEST_CASE("a job that the disk did not take is told to be not posted, and can be posted again", "[client]") {
  Story story;
  story.file->refuse_commits(true);
  const auto refused = story.post(kFirst);
  REQUIRE(refused);
  REQUIRE_FALSE(refused->ok());
  CHECK(refused->error().code == ports::BoardErrorCode::Unavailable);
  CHECK_THAT(refused->error().message, Catch::Contains("the disk is full"));
  story.file->refuse_commits(false);
  const auto posted = story.post(kFirst);
  REQUIRE(posted);
  CHECK(posted->ok());
}
