#include "common/runtime/settings.h"

#include <array>
#include <sstream>
#include <vector>

#include "common/model/limits.h"
#include "common/model/storable_text.h"
#include "conductor/conductor_settings.h"
#include "tests/fuzz/bytes/expectations.h"
#include "tests/fuzz/bytes/scratch_file.h"
#include "worker/worker_settings.h"

/// A settings file, a variable or a flag, as people write them, of a conductor and of a worker.
namespace {

using namespace baton;
using fuzz::expect;
using Schema = std::vector<runtime::SettingSpec>;

/// Names and values without the sources behind them; each on a line of its own.
std::string values_of(const std::string& printed) {
  std::istringstream lines(printed);
  std::string values;
  for (std::string line; std::getline(lines, line);) values += line.substr(0, line.rfind("  # ")) + "\n";
  return values;
}

std::string printed(const runtime::Settings& settings) {
  std::ostringstream out;
  settings.print(out);
  return out.str();
}

/// What --print-settings shows is a settings file that says the same.
void check_printed(const runtime::Settings& settings, const Schema& schema, fuzz::ScratchFile& file) {
  const auto shown = printed(settings);
  file.write(shown);
  runtime::Settings again(schema);
  const auto read = again.read_file(file.path());
  expect(read.ok(), "what is printed can be read: " + (read.ok() ? "" : read.error().message));
  expect(values_of(printed(again)) == values_of(shown), "what is printed says the same");
}

void check_file(std::string_view bytes, const Schema& schema) {
  static fuzz::ScratchFile file;
  file.write(bytes);
  runtime::Settings settings(schema);
  const auto read = settings.read_file(file.path());
  if (!read.ok()) return fuzz::expect_told(read.error().message);
  check_printed(settings, schema, file);
}

/// "name=value": as a flag, and as the variable of that name.
void check_words(std::string_view bytes, const Schema& schema) {
  const auto equals = bytes.find('=');
  if (equals == std::string_view::npos || !is_storable_text(bytes)) return;
  const auto name = bytes.substr(0, equals);
  const std::string value(bytes.substr(equals + 1));
  runtime::Settings by_flag(schema);
  if (const auto read = by_flag.read_flag(name, value, "--set"); !read.ok())
    fuzz::expect_told(read.error().message);
  runtime::Settings by_variable(schema);
  const auto read = by_variable.read_environment(
      [&](const char* variable) { return name == variable ? value.c_str() : nullptr; });
  if (!read.ok()) fuzz::expect_told(read.error().message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array schemas{conductor::settings::all(), worker::settings::all()};
  for (const auto& schema : schemas) {
    check_file(fuzz::text_of(data, size), schema);
    check_words(fuzz::text_of(data, size), schema);
  }
  return 0;
}
