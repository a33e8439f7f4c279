#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cctype>
#include <span>

#include "base/check.h"

namespace spillway {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

void fill_random(std::span<unsigned char> bytes) {
  // Requests of up to 256 bytes are never cut short once the generator is seeded (getrandom(2)).
  CHECK(bytes.size() <= 256);
  CHECK(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
}

}  // namespace

std::string Random::name(std::size_t length) {
  std::string name(length, '\0');
  for (char& letter : name) letter = kAlphabet[below(kAlphabet.size())];
  return name;
}

std::string random_name(std::size_t length) {
  std::string name;
  name.reserve(length);
  std::array<unsigned char, 64> bytes{};
  while (name.size() < length) {
    fill_random(bytes);
    for (const unsigned char byte : bytes) {
      const std::size_t index = byte & 63U;  // rejection keeps every character equally likely
      if (index < kAlphabet.size() && name.size() < length) name.push_back(kAlphabet[index]);
    }
  }
  return name;
}

std::string random_uuid() {
  std::array<unsigned char, 16> bytes{};
  fill_random(bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x40U);  // version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);  // variant 10
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string uuid;
  uuid.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid.push_back('-');
    uuid.push_back(kHex[bytes[i] >> 4U]);
    uuid.push_back(kHex[bytes[i] & 15U]);
  }
  return uuid;
}

bool is_uuid(const std::string& text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
      return false;
    }
  }
  return true;
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  fill_random({reinterpret_cast<unsigned char*>(&seed), sizeof seed});
  return seed;
}

}  // namespace spillway
