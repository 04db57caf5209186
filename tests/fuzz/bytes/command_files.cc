#include "tests/fuzz/bytes/expectations.h"
#include "tests/fuzz/bytes/scratch_file.h"
#include "worker/command_spec.h"

/// A worker's file of command tasks as operators write it.
namespace {

using namespace baton;
using fuzz::expect;

void expect_argument(const std::string& text) {
  expect(text.find('\0') == std::string::npos, "an argument is handed over whole");
}

void check(const std::string& type, const worker::CommandSpec& spec) {
  fuzz::expect_storable(type, "a task type's name");
  expect(!type.empty(), "a task type has a name");
  expect(!spec.argv.empty(), "there is a program");
  for (const auto& argument : spec.argv) expect_argument(argument);
  for (const auto& argument : spec.revert_argv) expect_argument(argument);
  for (const auto& [name, value] : spec.env) {
    expect_argument(name);
    expect_argument(value);
    expect(!name.empty() && name.find('=') == std::string::npos, "a variable's name");
  }
  expect_argument(spec.cwd);
  if (spec.timeout) expect(*spec.timeout > Millis{0}, "there is time to run");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::ScratchFile file;
  file.write(fuzz::text_of(data, size));
  const auto commands = worker::read_commands_file(file.path());
  if (!commands.ok()) return fuzz::expect_told(commands.error()), 0;
  for (const auto& [type, spec] : *commands) check(type, spec);
  return 0;
}
