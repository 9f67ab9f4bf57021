// A client of the head's HTTP server that says what it likes: HTTP by hand over a plain socket.
// Thread rule: a connection belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace fulmar::monitoring {

/// To 127.0.0.1. Every wait ends after ten seconds, and then fails the test.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// The server may have hung up already; then what is sent is lost.
  void send(const std::string& bytes);
  /// Until the server hangs up.
  std::string receive_all();
  /// The next answer: its header, and a body of the length that the header says.
  std::string receive_answer();

 private:
  bool receive_more(std::string& into);
  int descriptor_;
};

struct ParsedAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< by lower-case name
  std::string body;
};
/// Fails the test where `answer` is not HTTP.
ParsedAnswer parse_answer(const std::string& answer);

/// The answer to one request, on a connection of its own. `more` are header lines, each with its line end.
ParsedAnswer request(std::uint16_t port, const std::string& method, const std::string& path,
                     const std::string& more = "Host: localhost\r\n");

}  // namespace fulmar::monitoring
