# cmake -DOUTPUT=<file.cc> -DFOLDER=<migrations> -P embed_migrations.cmake
# Writes the migrations (NNNN_name.sql, numbered from 1 without a gap) as C++ text, with their SHA-256.
file(GLOB files "${FOLDER}/*.sql")
list(SORT files)
set(entries "")
set(expected 1)
foreach(file ${files})
  get_filename_component(name "${file}" NAME_WE)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
    message(FATAL_ERROR "${file}: a migration is called NNNN_name.sql")
  endif()
  math(EXPR number "1${CMAKE_MATCH_1} - 10000")
  if(NOT number EQUAL expected)
    message(FATAL_ERROR "${file}: migration ${expected} is missing")
  endif()
  math(EXPR expected "${expected} + 1")
  file(READ "${file}" sql)
  file(SHA256 "${file}" checksum)
  string(APPEND entries "    {${number}, \"${CMAKE_MATCH_2}\", \"${checksum}\", R\"migration(${sql})migration\"},\n")
endforeach()
file(WRITE "${OUTPUT}.new" "// Made by embed_migrations.cmake.
#include \"common/postgres/migrations.h\"

namespace baton::postgres {
namespace {
constexpr Migration kMigrations[] = {
${entries}};
}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}
}  // namespace baton::postgres
")
file(COPY_FILE "${OUTPUT}.new" "${OUTPUT}" ONLY_IF_DIFFERENT)
