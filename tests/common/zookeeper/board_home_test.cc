#include "common/zookeeper/board_home.h"

#include "common/memory/seeded_entropy.h"
#include "tests/common/zookeeper/boards_story.h"
#include "tests/support/services.h"

using namespace baton;
using namespace baton::ports;
using namespace baton::test;

namespace {

using Answer = std::optional<Result<BoardIdentity, BoardError>>;

struct HomeStory : BoardsStory {
  zookeeper::BoardHome::Ready into(Answer& answer) {
    return [&answer](auto id) { answer = std::move(id); };
  }

  zookeeper::Session session{
      {.hosts = services().zookeeper, .timeout = Millis{4000}, .file = {}, .death_note = {}, .note = {}},
      io,
      io};
  memory::SeededEntropy entropy{1};
  const std::shared_ptr<zookeeper::BoardHome> home = std::make_shared<zookeeper::BoardHome>(
      session, zookeeper::BoardPath::parse(world.board()).value(), entropy);
};

}  // namespace

TEST_CASE_METHOD(HomeStory, "who asks behind a doubt is not told what was read before it",
                 "[board][services]") {
  Answer first, before, behind;
  home->ready(into(first));
  REQUIRE(until([&] { return first.has_value(); }));
  REQUIRE(first->ok());
  home->look_again(into(before));
  const std::string node = world.parent() + "/.baton/board-id";
  world.remove(node);  // as a rule that look was answered before this, but nobody has heard the answer
  world.create(node, R"({"id": "another's"})");
  home->doubt();
  home->ready(into(behind));
  REQUIRE(until([&] { return before && behind; }));
  REQUIRE(behind->ok());
  CHECK((*behind)->id == "another's");
}
