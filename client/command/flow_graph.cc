#include <ostream>

#include "client/command/dot_program.h"
#include "client/command/flow_files.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/terminal_text.h"
#include "flowfile/picture.h"

namespace baton::client {

Ended draw_flow_file(const Context& context, const FlowFileOptions& options) {
  const auto compiled = compile_named_flow(context, options);
  if (const auto* ended = std::get_if<Ended>(&compiled)) return *ended;
  const auto& plan = *std::get<flowfile::Compiled>(compiled).plan;
  std::string picture;
  if (options.format == "ascii") {
    picture = flowfile::ascii_picture(plan);
  } else if (options.format == "mermaid") {
    picture = flowfile::mermaid_picture(plan);
  } else {
    picture = flowfile::dot_picture(plan);
    if (options.format == "svg") {
      auto svg = svg_of(picture);
      if (!svg.ok()) return refuse_as(context, Ended::Unreachable, svg.error());
      picture = std::move(svg).value();
    }
  }
  if (context.json)
    print_value(context, boost::json::object{{"format", options.format}, {"picture", picture}});
  else
    context.out << for_terminal(picture) << std::flush;
  return Ended::Success;
}

}  // namespace baton::client
