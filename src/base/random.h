// Randomness from the kernel for names, and a small fast generator for jitter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace spillway {

// `length` characters of [A-Za-z0-9], 5.95 bits each, from the kernel's generator.
std::string random_name(std::size_t length);

// A version 4 UUID (RFC 9562) in lower case.
std::string random_uuid();

// Whether `text` has the shape 8-4-4-4-12 of hexadecimal digits, either case.
bool is_uuid(const std::string& text);

// Jitter. Not for secrets. One a loop; not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  // In [0, 1).
  double unit() { return std::uniform_real_distribution<double>(0.0, 1.0)(engine_); }
  // `length` characters of [A-Za-z0-9], for names that only have to differ.
  std::string name(std::size_t length);
  // In [0, bound). REQUIRES bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
  }

 private:
  std::mt19937_64 engine_;
};

std::uint64_t random_seed();

}  // namespace spillway
