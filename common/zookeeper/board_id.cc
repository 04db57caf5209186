#include "common/zookeeper/board_id.h"

#include <boost/json/value.hpp>

#include "common/model/name_list.h"
#include "common/model/value.h"

namespace baton::zookeeper {
namespace {

constexpr std::int64_t kGenerationMax = 1'000'000'000;  // what is larger, nobody has counted

/// 0: no number of that name, or none that can be.
std::int64_t number_in(const boost::json::value& value, std::int64_t max) {
  return value.is_int64() && value.get_int64() > 0 && value.get_int64() <= max ? value.get_int64() : 0;
}

}  // namespace

BoardId BoardId::parse(const std::string& data) {
  BoardId said;
  said.id = data;
  const auto value = Value::parse(data);
  if (!value.ok()) return said;
  const auto tree = value->tree();
  const auto* object = tree.if_object();
  const auto* id = object ? object->if_contains("id") : nullptr;
  if (!id || !id->is_string()) return said;
  said.id.assign(id->get_string().data(), id->get_string().size());
  if (const auto* generation = object->if_contains("generation"))
    said.generation = static_cast<std::uint32_t>(number_in(*generation, kGenerationMax));
  const auto* shards = object->if_contains("shards");
  if (!shards || !shards->is_object()) return said;
  for (const auto& [name, number] : shards->get_object())
    if (const auto known = number_in(number, kShardsMax); known > 0)
      said.shards[std::string(name)] = static_cast<std::size_t>(known);
  return said;
}

std::string BoardId::data() const {
  std::string data = "{\"id\": " + quoted(id), noted;
  if (generation > 0) data += ", \"generation\": " + std::to_string(generation);
  for (const auto& [name, number] : shards)
    noted += (noted.empty() ? "" : ", ") + quoted(name) + ": " + std::to_string(number);
  if (!noted.empty()) data += ", \"shards\": {" + noted + "}";
  return data + "}";
}

std::size_t BoardId::shards_of(const BoardPath& board) const {
  const auto found = shards.find(name_of(board));
  return found == shards.end() ? 1 : found->second;
}

std::string other_shards(const BoardPath& board, std::size_t noted) {
  return "conductor.board_shards is " + std::to_string(board.shards()) + " here, but the board " +
         board.whole() + " is in " + counted(static_cast<std::int64_t>(noted), "folder") + ", as " +
         board.id_node() +
         " says: nothing is done on it; set conductor.board_shards = " + std::to_string(noted) +
         ", or end all conductors and let `baton admin shards` bring the board to the number in the file";
}

}  // namespace baton::zookeeper
