#pragma once

#include <string>

#include "engine/plan.h"

/// Pictures of a plan, for people. Their size is that of the plan: where many follow many, the edges go
/// through the flow's start and end.
namespace baton::flowfile {

/// For graphviz: flows are boxes around their tasks, a retry stands at its flow's head, dashed edges are
/// decided while the flow runs, a double border is irreversible.
std::string dot_picture(const engine::Plan&);
/// The same for Markdown pages.
std::string mermaid_picture(const engine::Plan&);
/// A tree in ASCII, in the order in which it is written; in graph flows each says what it comes after.
std::string ascii_picture(const engine::Plan&);

}  // namespace baton::flowfile
