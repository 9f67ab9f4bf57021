#include "monitoring/status_endpoint.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include "monitoring/http_server.hpp"
#include "monitoring/listening_address.hpp"
#include "monitoring/web_page.hpp"

namespace fulmar::monitoring {
namespace {

std::string exposition(const prometheus::Collectable& collectable) {
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, collectable.Collect());
  return std::move(text).str();
}

HttpServer::Site site_of(const RunMetrics& metrics, const RunBoard& board, std::shared_ptr<Onlookers> onlookers) {
  using Answer = std::function<HttpAnswer()>;
  const auto json = [](std::string text) { return HttpAnswer{.type = "application/json", .body = std::move(text)}; };
  std::map<std::string, Answer> answers;
  answers["/"] = [] {
    return HttpAnswer{
        .type = "text/html; charset=utf-8", .body = std::string(status_page()), .policy = status_page_policy()};
  };
  answers["/status.json"] = [json, &board, onlookers = std::move(onlookers)] {
    onlookers->look(Onlookers::Clock::now());
    return json(board.status_json());
  };
  answers["/history.json"] = [json, &board] { return json(board.history_json()); };
  answers["/metrics"] = [collectable = metrics.collectable()] {
    return HttpAnswer{.type = "text/plain; version=0.0.4; charset=utf-8", .body = exposition(*collectable)};
  };
  return [answers = std::move(answers)](const std::string& path) -> std::optional<HttpAnswer> {
    const auto found = answers.find(path);
    if (found == answers.end()) return std::nullopt;
    return found->second();
  };
}

class ServingEndpoint final : public StatusEndpoint {
 public:
  ServingEndpoint(std::unique_ptr<HttpServer> server, std::shared_ptr<Onlookers> onlookers)
      : onlookers_(std::move(onlookers)), server_(std::move(server)) {}
  std::uint16_t port() const override { return server_->port(); }
  Onlookers& onlookers() override { return *onlookers_; }

 private:
  std::shared_ptr<Onlookers> onlookers_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace

Result<std::unique_ptr<StatusEndpoint>> serve(const std::string& address, const RunMetrics& metrics,
                                              const RunBoard& board) {
  const Result<ListeningAddress> listening = resolve(address);
  if (!listening) return listening.error();
  const auto onlookers = std::make_shared<Onlookers>();
  Result<std::unique_ptr<HttpServer>> server = HttpServer::listen(*listening, site_of(metrics, board, onlookers));
  if (!server) return server.error();
  return std::unique_ptr<StatusEndpoint>(std::make_unique<ServingEndpoint>(std::move(*server), onlookers));
}

}  // namespace fulmar::monitoring
