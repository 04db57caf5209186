#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/fuzz/bytes/expectations.h"

/// A target without libFuzzer: gives it each file of the folder, whole and cut off at many places, and each
/// input of the file of what has grown, a line of hexadecimal digits. Says which before it does, so that the
/// last line is the guilty one's.
namespace {

constexpr std::size_t kCutsMax = 64;  // of one file

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// In a buffer of its own size, so that a sanitizer sees who reads past the end.
void give(const std::string& bytes, std::size_t size) {
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

std::size_t replay(const std::filesystem::path& path) {
  const std::string bytes = contents(path);
  const std::size_t step = std::max<std::size_t>(1, bytes.size() / kCutsMax);
  std::size_t given = 1;
  std::cerr << path.string() << std::endl;
  give(bytes, bytes.size());
  for (std::size_t size = 0; size < bytes.size(); size += step, ++given) give(bytes, size);
  return given;
}

std::string bytes_of(const std::string& digits) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16)));
  return bytes;
}

std::size_t replay_grown(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::size_t given = 0;
  for (std::string line; std::getline(file, line);) {
    std::cerr << path.string() << ":" << ++given << std::endl;
    const std::string bytes = bytes_of(line);
    give(bytes, bytes.size());
  }
  return given;
}

}  // namespace

/// replay CORPUS_FOLDER [GROWN_FILE]
int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  if (argc > 1)
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    std::cerr << "no file to replay; give me the folder of a corpus" << std::endl;
    return 1;
  }
  std::size_t given = 0;
  for (const auto& file : files) given += replay(file);
  if (argc > 2) given += replay_grown(argv[2]);
  std::cout << files.size() << " files, " << given << " inputs" << std::endl;
  return 0;
}
