#include "websocket/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "websocket/testing/pieces.h"

namespace spillway::websocket {
namespace {

using ::testing::ElementsAre;
using testing::for_each_cut;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Pieces;
using Outcome = HandshakeParser::Outcome;

struct Lines {
  std::string request = "GET /chat?room=1&x=%20 HTTP/1.1";
  std::string host = "Host: example.com:8080";
  std::string upgrade = "Upgrade: websocket";
  std::string connection = "Connection: keep-alive, Upgrade";
  std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  std::string version = "Sec-WebSocket-Version: 13";
  std::string more = "";  // lines, each with its CRLF

  std::string text() const {
    std::string out = request + "\r\n";
    for (const std::string& line : {host, upgrade, connection, key, version}) {
      if (!line.empty()) out += line + "\r\n";
    }
    return out + more + "\r\n";
  }
};

// Feeds the pieces until there is an outcome; `taken` is how many bytes it took.
Outcome feed(HandshakeParser& parser, const Pieces& pieces, std::size_t& taken) {
  taken = 0;
  for (const std::string& piece : pieces) {
    std::size_t consumed = 0;
    auto outcome = parser.feed(std::vector<char>(piece.begin(), piece.end()), consumed);
    taken += consumed;
    if (!std::holds_alternative<NeedMore>(outcome)) return outcome;
    EXPECT_EQ(consumed, piece.size());
  }
  return NeedMore{};
}

// The outcome for `text`, which must be the same however it is cut.
Outcome parse(const std::string& text) {
  Outcome last;
  std::optional<std::size_t> index;
  for_each_cut(text, [&](const Pieces& pieces) {
    HandshakeParser parser;
    std::size_t taken = 0;
    last = feed(parser, pieces, taken);
    EXPECT_EQ(last.index(), index.value_or(last.index()));
    index = last.index();
  });
  return last;
}

int status(const std::string& text) {
  const Outcome outcome = parse(text);
  const auto* refusal = std::get_if<Refusal>(&outcome);
  if (refusal == nullptr) return 0;
  EXPECT_TRUE(refusal->message.ends_with('.')) << refusal->message;
  return refusal->status;
}

TEST(Handshake, ReadsAnUpgradeRequest) {
  Lines lines;
  lines.more =
      "Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
      "sec-websocket-protocol: third\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
      "Sec-WebSocket-Extensions: other; a=\"1\"\r\nCookie: a=b\r\nContent-Length: 0\r\n";
  const Outcome outcome = parse(lines.text());
  const auto* request = std::get_if<UpgradeRequest>(&outcome);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->path, "/chat");
  EXPECT_EQ(request->query, "room=1&x=%20");
  EXPECT_EQ(request->host, "example.com:8080");
  EXPECT_EQ(request->origin, "http://example.com");
  EXPECT_THAT(request->subprotocols, ElementsAre("chat", "superchat", "third"));
  EXPECT_EQ(request->extensions, "permessage-deflate, other; a=\"1\"");
  EXPECT_EQ(request->key, "dGhlIHNhbXBsZSBub25jZQ==");
}

TEST(Handshake, LeavesTheFramesBehindTheRequest) {
  const std::string head = Lines().text();
  for_each_cut(head + "\r\n\x81\x85 frames", [&](const Pieces& pieces) {
    HandshakeParser parser;
    std::size_t taken = 0;
    const Outcome outcome = feed(parser, pieces, taken);
    EXPECT_TRUE(std::holds_alternative<UpgradeRequest>(outcome));
    EXPECT_EQ(taken, head.size());
  });
}

TEST(Handshake, TakesKeywordsInAnyCaseAndAnyOrder) {
  Lines lines;
  lines.upgrade = "UPGRADE: HTTP/2.0, , WebSocket";
  lines.connection = "connection: upgrade,close";
  EXPECT_EQ(status(lines.text()), 0);
}

TEST(Handshake, ReadsPlainRequestsOneAfterAnother) {
  const std::string text =
      "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nHEAD /metrics?x HTTP/1.1\r\nHost: a\r\n"
      "Connection: close\r\n\r\n";
  HandshakeParser parser;
  std::size_t consumed = 0;
  const Outcome first = parser.feed(text, consumed);
  ASSERT_TRUE(std::holds_alternative<HttpRequest>(first));
  EXPECT_EQ(std::get<HttpRequest>(first).path, "/healthz");
  EXPECT_TRUE(std::get<HttpRequest>(first).keep_alive);
  const Outcome second = parser.feed(std::span(text).subspan(consumed), consumed);
  ASSERT_TRUE(std::holds_alternative<HttpRequest>(second));
  EXPECT_EQ(std::get<HttpRequest>(second).method, "HEAD");
  EXPECT_EQ(std::get<HttpRequest>(second).query, "x");
  EXPECT_FALSE(std::get<HttpRequest>(second).keep_alive);
}

TEST(Handshake, ServesPlainHttp10WithoutHost) {
  const Outcome outcome = parse("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(std::holds_alternative<HttpRequest>(outcome));
  EXPECT_FALSE(std::get<HttpRequest>(outcome).keep_alive);
}

TEST(Handshake, ReadsAbsoluteTargets) {
  struct Case {
    const char* target;
    const char* path;
    const char* query;
  };
  for (const Case& c : {Case{"http://example.com/a?b", "/a", "b"}, Case{"HTTPS://h", "/", ""},
                        Case{"http://h?q", "/", "q"}, Case{"/?", "/", ""}}) {
    const Outcome outcome = parse("GET " + std::string(c.target) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto* request = std::get_if<HttpRequest>(&outcome);
    ASSERT_NE(request, nullptr) << c.target;
    EXPECT_EQ(request->path, c.path);
    EXPECT_EQ(request->query, c.query);
  }
}

TEST(Handshake, RefusesWhatIsNotAnUpgradeToWebSocket13) {
  struct Case {
    std::string Lines::*line;
    const char* value;
    int status;
  };
  for (const Case& c : {
           Case{&Lines::request, "POST / HTTP/1.1", 405},
           Case{&Lines::request, "HEAD / HTTP/1.1", 405},
           Case{&Lines::request, "CONNECT example.com:80 HTTP/1.1", 405},
           Case{&Lines::request, "GET / HTTP/1.0", 400},
           Case{&Lines::request, "GET / HTTP/2.0", 505},
           Case{&Lines::request, "GET chat HTTP/1.1", 400},
           Case{&Lines::request, "GET * HTTP/1.1", 400},
           Case{&Lines::request, "GET /a#b HTTP/1.1", 400},
           Case{&Lines::request, "GET http:///a HTTP/1.1", 400},
           Case{&Lines::request, "GET /caf\xC3\xA9 HTTP/1.1", 400},
           Case{&Lines::request, "GET / HTTP/1.1 ", 505},
           Case{&Lines::request, "GET  / HTTP/1.1", 400},
           Case{&Lines::request, "GET /", 400},
           Case{&Lines::host, "", 400},
           Case{&Lines::host, "Host:", 400},
           Case{&Lines::upgrade, "", 400},
           Case{&Lines::upgrade, "Upgrade: h2c", 400},
           Case{&Lines::connection, "", 400},
           Case{&Lines::connection, "Connection: keep-alive", 400},
           Case{&Lines::key, "", 400},
           Case{&Lines::key, "Sec-WebSocket-Key: ", 400},
           Case{&Lines::key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ", 400},
           Case{&Lines::key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTE=", 400},
           Case{&Lines::key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub-5jZQ==", 400},
           Case{&Lines::version, "", 426},
           Case{&Lines::version, "Sec-WebSocket-Version: 8", 426},
           Case{&Lines::version, "Sec-WebSocket-Version: 13, 8", 426},
       }) {
    Lines lines;
    lines.*c.line = c.value;
    EXPECT_EQ(status(lines.text()), c.status) << c.value;
  }
}

TEST(Handshake, RefusesRepetitionsAndBodiesAndSmuggling) {
  for (const char* more : {"Host: other\r\n",
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                           "Origin: a\r\nOrigin: b\r\n",
                           "Sec-WebSocket-Protocol: a, a\r\n",
                           "Sec-WebSocket-Protocol: a b\r\n",
                           "Sec-WebSocket-Extensions: a b\r\n",
                           "Sec-WebSocket-Extensions: a; b=\r\n",
                           "Sec-WebSocket-Extensions: a\r\nSec-WebSocket-Extensions: b;\r\n",
                           "Content-Length: 5\r\n",
                           "Content-Length: -1\r\n",
                           "Content-Length: 00x\r\n",
                           "Content-Length: 18446744073709551616\r\n",
                           "Content-Length: 0\r\nContent-Length: 0\r\n",
                           "Content-Length: 0\r\nContent-Length: 5\r\n",
                           "Transfer-Encoding: chunked\r\n",
                           "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
                           "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
                           "Transfer-Encoding: xchunked\r\n",
                           "Transfer-Encoding : chunked\r\n",
                           " folded: x\r\n",
                           "X: a\r\n\tb\r\n",
                           "X: a\rb\r\n",
                           "X: a\nY: b\r\n",
                           "X\r\n",
                           ": x\r\n",
                           "X: \x01\r\n",
                           "X: \x7F\r\n",
                           "X(: a\r\n"}) {
    Lines lines;
    lines.more = more;
    EXPECT_EQ(status(lines.text()), 400) << more;
  }
  Lines lines;
  lines.more = "Sec-WebSocket-Version: 13\r\n";
  EXPECT_EQ(status(lines.text()), 426);
}

TEST(Handshake, RefusesAtOnceWhatIsNotHttp) {
  EXPECT_EQ(status("\x16\x03\x01"), 400);  // TLS
  EXPECT_EQ(status("\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\r"), 400);
  EXPECT_EQ(status("PRI * HTTP/2.0\r\n\r\n"), 505);
}

TEST(Handshake, IsBounded) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nCookie: ";
  const std::string end = "\r\n\r\n";
  const auto of_size = [&](std::size_t size) {
    return start + std::string(size - start.size() - end.size(), 'c') + end;
  };
  EXPECT_TRUE(std::holds_alternative<HttpRequest>(parse(of_size(kHeadBytesMax))));
  EXPECT_EQ(status(of_size(kHeadBytesMax + 1)), 431);
  EXPECT_EQ(status("GET /" + std::string(9000, 'a')), 431);
}

TEST(Handshake, NamesTheMend) {
  Lines lines;
  lines.version = "Sec-WebSocket-Version: 8";
  const auto old = std::get<Refusal>(parse(lines.text()));
  EXPECT_THAT(old.extra_headers, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
  lines.request = "PUT / HTTP/1.1";
  const auto put = std::get<Refusal>(parse(lines.text()));
  EXPECT_THAT(put.extra_headers, HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(put.message, HasSubstr("GET"));
}

TEST(Handshake, WaitsForTheEndOfTheHead) {
  const std::string head = Lines().text();
  EXPECT_TRUE(std::holds_alternative<NeedMore>(parse(head.substr(0, head.size() - 1))));
  EXPECT_TRUE(std::holds_alternative<NeedMore>(parse("")));
}

TEST(AcceptKey, IsAnsweredAsInTheExampleOfRfc6455) {
  EXPECT_EQ(accept_value("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_TRUE(is_key(random_key()));
  EXPECT_NE(random_key(), random_key());
}

TEST(UpgradeResponse, NamesWhatWasAgreedOn) {
  UpgradeRequest request;
  request.key = "dGhlIHNhbXBsZSBub25jZQ==";
  EXPECT_EQ(upgrade_response(request, "", std::nullopt),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  EXPECT_THAT(upgrade_response(request, "spillway.batch.v1", DeflateParams{}),
              HasSubstr("\r\nSec-WebSocket-Protocol: spillway.batch.v1\r\n"
                        "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"));
}

TEST(HttpResponse, IsWhole) {
  EXPECT_EQ(http_response(503, "text/plain", "draining", false, "Retry-After: 1\r\n"),
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n"
            "Connection: close\r\nRetry-After: 1\r\n\r\ndraining");
  EXPECT_EQ(http_response(426, "", "", false, "Sec-WebSocket-Version: 13\r\n"),
            "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n"
            "Connection: close, Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n");
  EXPECT_EQ(http_response(200, "", "", true),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

}  // namespace
}  // namespace spillway::websocket
