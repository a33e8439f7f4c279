#include "base/address.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Address, TakesAUrlApart) {
  const auto plain = parse_address("ws://127.0.0.1:8080", {"ws", "wss"});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "127.0.0.1");
  EXPECT_EQ(plain->port, "8080");
  EXPECT_EQ(plain->path, "/");
  EXPECT_EQ(plain->authority(), "127.0.0.1:8080");
  const auto secure = parse_address("wss://chat.example/a?b#c", {"ws", "wss"});
  ASSERT_TRUE(secure);
  EXPECT_TRUE(secure->tls());
  EXPECT_EQ(secure->port, "443");
  EXPECT_EQ(secure->path, "/a?b");
  EXPECT_EQ(secure->authority(), "chat.example");
  const auto ipv6 = parse_address("ws://[::1]:99?x", {"ws"});
  ASSERT_TRUE(ipv6);
  EXPECT_EQ(ipv6->host, "::1");
  EXPECT_EQ(ipv6->path, "/?x");
  EXPECT_EQ(ipv6->authority(), "[::1]:99");
}

TEST(Address, PutsItsOwnPathInFront) {
  const auto below = [](std::string_view url) {
    return parse_address(url, {"http"})->below("/servers/provision?room=a");
  };
  EXPECT_EQ(below("http://a"), "/servers/provision?room=a");
  EXPECT_EQ(below("http://a/api/"), "/api/servers/provision?room=a");
  EXPECT_EQ(below("http://a/api?x=/"), "/api/servers/provision?room=a");
}

TEST(Address, RefusesWhatLeadsNowhere) {
  for (const char* const url :
       {"", "ws://", "ws:/a", "http://a", "ws://a:b", "ws://a:", "ws://a:65536", "ws://a:1234567",
        "ws://u@a", "ws://[::1", "ws://a b", "ws://a\r\nX: y", "ws://:80"}) {
    EXPECT_FALSE(parse_address(url, {"ws", "wss"})) << url;
  }
}

TEST(Address, TheErrorSaysWhatWasExpected) {
  EXPECT_EQ(parse_address("x", {"ws", "wss"}).error().message,
            "'x' is not such a URL; write ws://HOST:PORT or wss://HOST:PORT");
}

}  // namespace
}  // namespace spillway
