#include "common/model/sha256.h"

#include <catch2/catch.hpp>

using baton::sha256_hex;

TEST_CASE("SHA-256 is that of FIPS 180-4", "[model]") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256_hex(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 of texts that just fill a block, or just do not", "[model]") {
  const auto of_length = [](std::size_t length) { return sha256_hex(std::string(length, 'x')).substr(0, 8); };
  CHECK(of_length(55) == "d5e28568");
  CHECK(of_length(56) == "04c26261");
  CHECK(of_length(63) == "75220b47");
  CHECK(of_length(64) == "7ce10097");
  CHECK(of_length(65) == "9537c5fd");
  CHECK(of_length(119) == "000b48d4");
  CHECK(of_length(120) == "13f05a0b");
}
