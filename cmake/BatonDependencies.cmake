# Every third-party package that Baton builds with, and why it was chosen. All are Debian 12 packages.
find_package(Threads REQUIRED)
# Asio and Beast (the event loop and HTTP), JSON and URL: given, or maintained beside them.
find_package(Boost 1.81.0 EXACT CONFIG REQUIRED COMPONENTS json url)
# OpenSSL: webhooks by https; what Asio's TLS streams stand on.
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(LIBPQXX REQUIRED IMPORTED_TARGET libpqxx)
# SQLite: state files of local mode; public domain, one library, its format is kept for decades.
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
find_package(Catch2 2 REQUIRED)
# CLI11: the command lines; header-only, alive, writes --help itself.
find_package(CLI11 REQUIRED)
# spdlog: logging; alive, asynchronous sinks, one line per record.
find_package(spdlog REQUIRED)
# toml++: the settings files; TOML 1.0 for people who know it, and the line of every key for our messages.
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
# libyaml: flow files; kept, and its events have marks and the style of each scalar, so that duplicate keys, `on` and
# 0123 can be told with line and column (yaml-cpp 0.7 takes the former silently and has forgotten the latter).
pkg_check_modules(LIBYAML REQUIRED IMPORTED_TARGET yaml-0.1)
# sd_notify, watchdog.
pkg_check_modules(LIBSYSTEMD REQUIRED IMPORTED_TARGET libsystemd)

find_path(ZOOKEEPER_INCLUDE zookeeper/zookeeper.h REQUIRED)
find_library(ZOOKEEPER_LIBRARY zookeeper_mt REQUIRED)
add_library(zookeeper_mt INTERFACE)
target_include_directories(zookeeper_mt SYSTEM INTERFACE ${ZOOKEEPER_INCLUDE})
target_compile_definitions(zookeeper_mt INTERFACE THREADED)
target_link_libraries(zookeeper_mt INTERFACE ${ZOOKEEPER_LIBRARY})

# Asio, compiled once: BOOST_ASIO_SEPARATE_COMPILATION keeps it out of every file that includes it.
file(WRITE "${CMAKE_BINARY_DIR}/boost_asio.cc.in" "#include <boost/asio/impl/src.hpp>\n")
configure_file("${CMAKE_BINARY_DIR}/boost_asio.cc.in" "${CMAKE_BINARY_DIR}/boost_asio.cc" COPYONLY)
add_library(baton_asio STATIC "${CMAKE_BINARY_DIR}/boost_asio.cc")
target_compile_definitions(baton_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_compile_options(baton_asio PRIVATE -w)
target_link_libraries(baton_asio PUBLIC Boost::boost Threads::Threads)
add_library(baton::asio ALIAS baton_asio)
# Its TLS streams, apart: most of what uses Asio has no use for them.
file(WRITE "${CMAKE_BINARY_DIR}/boost_asio_ssl.cc.in" "#include <boost/asio/ssl/impl/src.hpp>\n")
configure_file("${CMAKE_BINARY_DIR}/boost_asio_ssl.cc.in" "${CMAKE_BINARY_DIR}/boost_asio_ssl.cc" COPYONLY)
add_library(baton_asio_ssl STATIC "${CMAKE_BINARY_DIR}/boost_asio_ssl.cc")
target_compile_options(baton_asio_ssl PRIVATE -w)
target_link_libraries(baton_asio_ssl PUBLIC baton_asio OpenSSL::SSL)
add_library(baton::asio_ssl ALIAS baton_asio_ssl)
