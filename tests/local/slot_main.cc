#include <cstdlib>
#include <string_view>

#include "local/task_slot.h"
#include "tests/local/slot_tasks.h"

/// A program that is nothing but a slot.
int main(int argc, char** argv) {
  if (argc < 3 || argv[1] != std::string_view(baton::local::kSlotWord)) return 2;
  baton::worker::TaskRegistry registry;
  baton::test::add_slot_tasks(registry);
  baton::local::run_task_slot(std::atoi(argv[2]), registry);
}
