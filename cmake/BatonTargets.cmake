# The headers that nearly every file reads, compiled once for all libraries: it halves what a full build costs.
# A file still includes what it uses (make verify checks the directions).
# Ours are named as files include them, not by absolute paths: ccache gives one clone what another one compiled, and
# the header would go on reading, and depending on, that one's files.
file(WRITE "${CMAKE_BINARY_DIR}/empty.cc.in" "int main() {}\n")
configure_file("${CMAKE_BINARY_DIR}/empty.cc.in" "${CMAKE_BINARY_DIR}/empty.cc" COPYONLY)
set(BATON_COMMON_HEADERS
    <algorithm> <array> <chrono> <deque> <functional> <map> <memory> <optional> <set> <string> <string_view> <unordered_map>
    <utility> <variant> <vector> <common/model/fact.h> <common/model/job.h> <common/model/result.h>)
add_library(baton_library_header OBJECT "${CMAKE_BINARY_DIR}/empty.cc")
target_include_directories(baton_library_header PRIVATE "${CMAKE_SOURCE_DIR}")
target_link_libraries(baton_library_header PRIVATE Boost::json)
target_precompile_headers(baton_library_header PRIVATE ${BATON_COMMON_HEADERS})

# baton_library(<name> SOURCES … PUBLIC … PRIVATE …): one library per folder; its links are the architecture.
function(baton_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(arg_SOURCES)
    add_library(baton_${name} STATIC ${arg_SOURCES})
    target_include_directories(baton_${name} PUBLIC "${CMAKE_SOURCE_DIR}")
    target_link_libraries(baton_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
    target_precompile_headers(baton_${name} REUSE_FROM baton_library_header)
  else()
    add_library(baton_${name} INTERFACE)
    target_include_directories(baton_${name} INTERFACE "${CMAKE_SOURCE_DIR}")
    target_link_libraries(baton_${name} INTERFACE ${arg_PUBLIC})
  endif()
  add_library(baton::${name} ALIAS baton_${name})
endfunction()

# What a person runs, without the tests: make demo and make bench build only this.
add_custom_target(programs)

# baton_program(<executable> SOURCES … LINKS …): only these, client/local and tests name a concrete adapter.
function(baton_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  add_dependencies(programs ${name})
endfunction()

# baton_module(<name> SOURCES … LINKS …): a loadable flow or task module (lib/<name>.so) over the C ABI.
function(baton_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} MODULE ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/sdk")
  target_link_libraries(${name} PRIVATE baton::sdk ${arg_LINKS})
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden
                        LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/modules")
  add_dependencies(programs ${name})
endfunction()

# baton_test(<name> SOURCES … LINKS … LABELS …): a Catch2 program; each TEST_CASE is a test of ctest's.
# A name with a ';' would be cut by CMake's lists, and a name that fits no case would pass: hence --warn NoTests.
# The label "services" means: needs the servers named by BATON_TEST_SERVICES (make test starts them).
include(Catch)
function(baton_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE baton::test_main ${arg_LINKS})
  target_precompile_headers(${name} REUSE_FROM baton_test_header)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  baton_test_seconds(seconds 120)
  set(properties TIMEOUT ${seconds})
  if(arg_LABELS)
    list(APPEND properties LABELS "${arg_LABELS}")
  endif()
  catch_discover_tests(${name} TEST_PREFIX "${name}: " EXTRA_ARGS --warn NoTests PROPERTIES ${properties})
endfunction()

# baton_python_test(<name> <file> [INTEROP] [LABELS …] [TIMEOUT s]): a file of Python unittests, one test of ctest's.
# INTEROP runs it with the Python that `make setup-tests` gave TaskFlow's client.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
execute_process(COMMAND "${CMAKE_SOURCE_DIR}/deploy/setup/python.sh" path OUTPUT_VARIABLE BATON_INTEROP_PYTHON
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(APPEND BATON_INTEROP_PYTHON "/bin/python")
function(baton_python_test name file)
  cmake_parse_arguments(arg "INTEROP" "TIMEOUT" "LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set(python "${Python3_EXECUTABLE}")
  if(arg_INTEROP)
    set(python "${BATON_INTEROP_PYTHON}")
  endif()
  get_filename_component(file "${file}" ABSOLUTE)
  add_test(NAME "${name}" COMMAND "${python}" -B "${file}")
  baton_test_seconds(seconds ${arg_TIMEOUT})
  set_tests_properties("${name}" PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${seconds})
endfunction()
