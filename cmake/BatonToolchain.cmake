# How everything is compiled: fast to build, strict about warnings.
find_program(BATON_CCACHE ccache)
if(BATON_CCACHE)
  # The base directory makes hits in one clone serve another.
  set(launcher "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
      "${CMAKE_SOURCE_DIR}/cmake/compile_cached.sh")
  set(CMAKE_C_COMPILER_LAUNCHER "${launcher}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${launcher}")
endif()
find_program(BATON_MOLD mold)
if(BATON_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Off are those that g++ 12's optimizer raises falsely at -O2: -Wmaybe-uninitialized in every std::variant (GCC bug 105562
# and its kin), -Warray-bounds, -Wrestrict and -Wstringop-overflow in std::string (105651, 105329). The sanitizers look
# instead, but for memory that was never set: nothing does for that one.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
                    -Wno-missing-field-initializers -Wno-maybe-uninitialized -Wno-array-bounds -Wno-restrict
                    -Wno-stringop-overflow -fno-omit-frame-pointer)
option(BATON_WERROR "Treat warnings as errors" ON)
if(BATON_WERROR)
  add_compile_options(-Werror)
endif()
