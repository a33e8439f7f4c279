#include "websocket/accept_key.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/check.h"

namespace spillway::websocket {

namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeyCharacters = 24;  // base64 of 16 bytes; the last two are padding

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

std::string base64(std::span<const unsigned char> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL writes a final NUL
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace

bool is_key(std::string_view key) {
  return key.size() == kKeyCharacters && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2, is_base64);
}

std::string accept_value(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned digest_bytes = 0;
  CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &digest_bytes, EVP_sha1(), nullptr) ==
        1);
  return base64(std::span(digest).first(digest_bytes));
}

std::string random_key() {
  std::array<unsigned char, kKeyBytes> bytes;
  CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return base64(bytes);
}

}  // namespace spillway::websocket
