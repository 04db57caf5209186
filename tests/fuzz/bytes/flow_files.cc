#include <string>

#include "flowfile/bundle.h"
#include "flowfile/flow_file.h"
#include "flowfile/limits.h"
#include "flowfile/outlook.h"
#include "flowfile/picture.h"
#include "tests/fuzz/bytes/expectations.h"
#include "tests/fuzz/bytes/folder.h"

/// A flow file as people write it, in YAML and in JSON, with those that it includes.
namespace {

using namespace baton;
using fuzz::expect;
using fuzz::Folder;

void check(const flowfile::Problems& problems) {
  expect(!problems.empty(), "a refusal says something");
  for (std::size_t i = 0; i < std::min(problems.size(), flowfile::kProblemsMax); ++i)
    fuzz::expect_told(flowfile::shown(problems[i]));
}

void check_plan(const engine::Plan& plan) {
  const auto stored = engine::encode(plan);
  const auto read = engine::decode(stored);
  expect(read.ok(), "a plan that is stored can be read");
  expect(engine::encode(**read) == stored, "a plan that is stored, read and stored");
  const flowfile::Outlook outlook(plan);
  std::size_t tasks = 0;
  for (const auto& step : outlook.steps()) tasks += step.size();
  expect(tasks <= plan.size(), "every task is in one step");
  for (const auto picture : {&flowfile::dot_picture, &flowfile::mermaid_picture, &flowfile::ascii_picture})
    fuzz::expect_storable(picture(plan), "a picture is text");
}

/// What the file becomes is a flow that can be posted: whoever reads it back compiles the same plan.
void check(const flowfile::Compiled& compiled) {
  const auto spec = engine::read_flow(compiled.flow);
  expect(spec.ok(), "a file's flow can be read as a posting's");
  const auto written = engine::write_flow(*spec);
  const auto again = engine::read_flow(written);
  expect(again.ok() && engine::write_flow(*again) == written, "a flow that is written, read and written");
  const auto plan = engine::compile(*again, {});
  expect(plan.ok(), "a flow that compiles does so again");
  expect(engine::encode(**plan) == engine::encode(*compiled.plan), "and gives the same plan");
  check_plan(*compiled.plan);
}

/// As the store keeps it, the file is the same.
void check_bundle(const std::string& name, const Folder& folder) {
  const auto bundle = flowfile::gather(name, folder.reader());
  if (!bundle.ok()) return check(bundle.error());
  const auto kept = Value::parse(flowfile::to_json(*bundle));
  expect(kept.ok(), "a bundle is JSON that can be kept");
  const auto again = flowfile::bundle_from(kept->tree());
  expect(again.ok() && *again == *bundle, "a bundle that is kept and read");
}

void check_as(const std::string& name, std::string_view bytes) {
  const Folder folder(bytes);
  const auto compiled = flowfile::compile_file(name, {}, folder.reader());
  const auto about = flowfile::check_file(name, folder.reader());
  if (!about.ok()) check(about.error());
  if (!compiled.ok()) return check(compiled.error());
  expect(about.ok(), "a file that compiles is found right");
  check_bundle(name, folder);
  check(*compiled);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  check_as("0.yaml", bytes);
  check_as("0.json", bytes);
  return 0;
}
