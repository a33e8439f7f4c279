#include "websocket/deflate.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/random.h"

namespace spillway::websocket {
namespace {

using namespace std::string_literals;

constexpr std::size_t kMax = 1 << 20;
constexpr std::size_t kSizes[] = {0, 1, 2, 125, 126, 127, 1000, 16'384, 65'535, 65'536, 131'072};

std::string chat_like(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  std::string text;
  while (text.size() < size) {
    text += "{\"message\":\"hello\",\"n\":" + std::to_string(random.below(100'000)) + "},";
  }
  text.resize(size);
  return text;
}

std::string noise(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random.below(256));
  return bytes;
}

std::string deflated(std::string_view message) {
  std::string out;
  Deflater(6, 15, false).deflate(message, out);
  return out;
}

TEST(Deflate, GivesBackEveryMessageWithEveryParameter) {
  for (int bits = 8; bits <= 15; ++bits) {
    for (const bool takeover : {false, true}) {
      for (const int level : {1, 6}) {
        Deflater deflater(level, bits, takeover);
        Inflater inflater(bits, takeover);
        for (const std::size_t size : kSizes) {
          for (const std::string& message : {chat_like(size, size), noise(size, size)}) {
            std::string wire;
            deflater.deflate(message, wire);
            std::string back;
            ASSERT_EQ(inflater.inflate(wire, true, kMax, back), Inflated::kOk);
            ASSERT_TRUE(back == message) << bits << ' ' << takeover << ' ' << level << ' ' << size;
          }
        }
      }
    }
  }
}

TEST(Deflate, RemembersWithTakeoverAndForgetsWithout) {
  const std::string message = noise(1000, 1);
  for (const bool takeover : {false, true}) {
    Deflater deflater(6, 15, takeover);
    std::string first;
    std::string second;
    deflater.deflate(message, first);
    deflater.deflate(message, second);
    EXPECT_GT(first.size(), 1000U);
    if (takeover) {
      EXPECT_LT(second.size(), 50U);
    } else {
      EXPECT_EQ(first, second);
    }
  }
}

// A peer with a window of 256 bytes must be able to read what is deflated for 8 bits. zlib looks
// for distances that are too far only when the window is what it has: one byte at a time.
TEST(Deflate, WithEightBitsLooksBackAtMost256Bytes) {
  std::string wire;
  const std::string message = chat_like(20'000, 3) + noise(260, 4) + noise(260, 4);
  Deflater(9, 8, true).deflate(message, wire);
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, -8), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(wire.data());
  stream.avail_in = static_cast<uInt>(wire.size());
  std::string back;
  char byte = 0;
  int code = Z_OK;
  while (code == Z_OK && back.size() < message.size()) {
    stream.next_out = reinterpret_cast<Bytef*>(&byte);
    stream.avail_out = 1;
    code = ::inflate(&stream, Z_SYNC_FLUSH);
    if (stream.avail_out == 0) back.push_back(byte);
  }
  inflateEnd(&stream);
  EXPECT_TRUE(back == message);
}

TEST(Inflate, TakesTheExamplesOfRfc7692) {
  Inflater inflater(15, true);
  const auto inflate = [&](std::string_view wire) {
    std::string out;
    EXPECT_EQ(inflater.inflate(wire, true, kMax, out), Inflated::kOk);
    return out;
  };
  EXPECT_EQ(inflate("\xf2\x48\xcd\xc9\xc9\x07\x00"s), "Hello");
  EXPECT_EQ(inflate("\xf2\x00\x11\x00\x00"s), "Hello");                          // from the window
  EXPECT_EQ(inflate("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s), "Hello");  // stored
  EXPECT_EQ(inflate("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s), "Hello");              // a final block
  EXPECT_EQ(inflate("\xf2\x00\x11\x00\x00"s), "Hello");  // which kept the window
  EXPECT_EQ(inflate("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s),
            "Hello");  // two blocks
  EXPECT_EQ(inflate("\xf2\x00\x11\x00\x00"s), "Hello");
  EXPECT_EQ(inflate("\x00"s), "");
}

TEST(Inflate, GivesTheSameInPieces) {
  const std::string message = chat_like(50'000, 9);
  const std::string wire = deflated(message);
  for (const std::size_t piece : {1, 7, 1000}) {
    Inflater inflater(15, true);
    std::string out;
    for (std::size_t i = 0; i < wire.size(); i += piece) {
      const auto part = std::span(wire).subspan(i, std::min(piece, wire.size() - i));
      ASSERT_EQ(inflater.inflate(part, i + piece >= wire.size(), kMax, out), Inflated::kOk);
    }
    EXPECT_TRUE(out == message);
  }
}

TEST(Inflate, StopsABombAtTheLimit) {
  const std::string bomb = deflated(std::string(10'000'000, 'x'));
  EXPECT_LT(bomb.size(), 20'000U);
  for (const std::size_t limit : {0, 1, 16'383, 16'384, 16'385, 100'000}) {
    std::string out;
    EXPECT_EQ(Inflater(15, false).inflate(bomb, true, limit, out), Inflated::kOverLimit);
    EXPECT_EQ(out, std::string(limit, 'x'));
    EXPECT_LE(out.capacity(), 2 * limit + 16'384);
  }
}

TEST(Inflate, TakesAMessageOfExactlyTheLimit) {
  for (const std::size_t size : kSizes) {
    const std::string message = chat_like(size, size);
    std::string out;
    EXPECT_EQ(Inflater(15, false).inflate(deflated(message), true, size, out), Inflated::kOk);
    if (size == 0) continue;
    out.clear();
    EXPECT_EQ(Inflater(15, false).inflate(deflated(message), true, size - 1, out),
              Inflated::kOverLimit);
  }
}

TEST(Inflate, RefusesWhatIsNotDeflate) {
  std::string out;
  EXPECT_EQ(Inflater(15, false).inflate("\xFF\xFF\xFF"s, true, kMax, out), Inflated::kCorrupt);
  EXPECT_EQ(Inflater(15, false).inflate("\xf2\x00\x11\x00\x00"s, true, kMax, out),
            Inflated::kCorrupt);  // looks back before the beginning
}

TEST(Inflate, RefusesAMessageCutShort) {
  const std::string wire = deflated(chat_like(3000, 2));
  for (std::size_t size = 1; size < wire.size(); ++size) {
    std::string out;
    EXPECT_EQ(Inflater(15, false).inflate(std::span(wire).first(size), true, kMax, out),
              Inflated::kCorrupt)
        << size;
  }
}

TEST(Inflate, SharedServesTheNextMessageAfterABadOne) {
  Inflater inflater(15, false);
  const std::string wire = deflated("Hello");
  for (const std::string& bad :
       {"\xFF\xFF"s, wire.substr(0, 3), deflated(std::string(9999, 'x'))}) {
    std::string out;
    EXPECT_NE(inflater.inflate(bad, true, 100, out), Inflated::kOk);
    out.clear();
    EXPECT_EQ(inflater.inflate(wire, true, 100, out), Inflated::kOk);
    EXPECT_EQ(out, "Hello");
  }
}

}  // namespace
}  // namespace spillway::websocket
