#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.h"
#include "common/wire/messages.h"
#include "worker/task_control.h"
#include "worker/task_executor.h"

namespace baton::worker {

/// The code of one task type. run() is called on many threads at once and may take as long as it likes.
class TaskBody {
 public:
  virtual ~TaskBody() = default;
  /// Executes or reverts, by the delivery's intention. What it gives has passed the border.
  virtual TaskOutcome run(const wire::Request&, TaskControl&) const = 0;
};

/// The task types of this process: of modules and commands. Filled at start, then only read.
class TaskRegistry {
 public:
  /// Refused: a type that is there already; the message names both owners.
  Result<void, std::string> add(const std::string& type, const std::string& owner, std::unique_ptr<TaskBody>);

  const TaskBody* find(std::string_view type) const;
  std::vector<std::string> types() const;  // sorted

 private:
  struct Entry {
    std::string owner;
    std::unique_ptr<TaskBody> body;
  };
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace baton::worker
