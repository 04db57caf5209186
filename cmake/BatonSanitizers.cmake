# Builds in which every program watches itself: PRESET=asan (memory, undefined behaviour) and PRESET=tsan (threads).
set(BATON_SANITIZE "" CACHE STRING "Sanitizers for the whole build: address,undefined or thread")
if(BATON_SANITIZE)
  add_compile_options(-fsanitize=${BATON_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BATON_SANITIZE})
  if(BATON_SANITIZE MATCHES "undefined")
    # At each use of a pointer; both together double the time to compile. AddressSanitizer ends the program where null is
    # read or written, and plain loads of x86-64 read at any address.
    add_compile_options(-fno-sanitize=null,alignment)
  endif()
  if(BATON_SANITIZE MATCHES "thread")
    add_compile_options(-Wno-tsan)  # Asio's atomic_thread_fence
  endif()
endif()

# For the targets of tests/fuzz/bytes, by clang: everything tells libFuzzer which way it went, and sanitizers watch.
option(BATON_FUZZ "Build for libFuzzer: make fuzz" OFF)
if(BATON_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -w)
  add_link_options(-fsanitize=address,undefined)
endif()

# What an instrumented program costs, for all that tests expect of it: so many times the seconds and the memory.
set(BATON_SECONDS_TIMES 1)
set(BATON_MEMORY_TIMES 1)
if(BATON_SANITIZE MATCHES "address")
  set(BATON_SECONDS_TIMES 3)
  set(BATON_MEMORY_TIMES 10)
elseif(BATON_SANITIZE MATCHES "thread")
  set(BATON_SECONDS_TIMES 6)
  set(BATON_MEMORY_TIMES 10)
endif()

# baton_test_seconds(<out> <seconds>): how long a test may take.
function(baton_test_seconds out seconds)
  math(EXPR scaled "${seconds} * ${BATON_SECONDS_TIMES}")
  set(${out} ${scaled} PARENT_SCOPE)
endfunction()

# baton_watch_programs(<folder>): every program below it gets what tests/sanitizers says of options and foreign libraries,
# so that it holds whoever starts it.
function(baton_watch_programs folder)
  get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE")
      target_link_libraries(${target} PRIVATE baton_sanitizer_defaults)
    endif()
  endforeach()
  get_property(folders DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
  foreach(below IN LISTS folders)
    baton_watch_programs("${below}")
  endforeach()
endfunction()
