#include "actors/progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <sys/ioctl.h>
#include <unistd.h>
#include <vector>

namespace fulmar::actors {
namespace {

constexpr auto kBarPause = std::chrono::milliseconds(100);
constexpr auto kLinePause = std::chrono::seconds(5);
constexpr std::size_t kBarCellsMin = 10;
constexpr std::size_t kBarCellsMax = 40;
constexpr std::size_t kWidthUnknown = 80;

std::string formatted(const char* format, double value) {
  std::array<char, 48> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), format, value);
  return {buffer.data(), std::min(static_cast<std::size_t>(length), buffer.size() - 1)};
}

/// Four significant digits, always shown, so that the text does not jump: 0.7310, 12.35, 1.234e-05.
std::string loss_text(double loss) {
  if (!std::isfinite(loss)) return "not finite";
  const double size = std::fabs(loss);
  if (size != 0 && (size < 1e-3 || size >= 1e4)) return formatted("%.3e", loss);
  return formatted(size < 10 ? "%.4f" : size < 100 ? "%.2f" : "%.1f", loss);
}

/// 7.3, 951, 12.3k, 4.56M
std::string rate_text(double rate) {
  if (rate < 9.95) return formatted("%.1f", rate);
  if (rate < 9999.5) return formatted("%.0f", rate);
  if (rate < 999950) return formatted("%.1fk", rate / 1e3);
  return formatted("%.2fM", rate / 1e6);
}

std::string two_digits(std::int64_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

/// 0:42, 12:05, 3:07:00, 2 d 03:07
std::string time_text(std::chrono::seconds time) {
  const std::int64_t seconds = std::max<std::int64_t>(time.count(), 0);
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  if (hours >= 24) return std::to_string(hours / 24) + " d " + two_digits(hours % 24) + ":" + two_digits(minutes % 60);
  if (hours > 0) return std::to_string(hours) + ":" + two_digits(minutes % 60) + ":" + two_digits(seconds % 60);
  return std::to_string(minutes) + ":" + two_digits(seconds % 60);
}

/// "12/60", right-aligned to the whole, so that the text does not jump; "12" where the whole is not known.
std::string of_text(std::uint64_t part, std::uint64_t whole) {
  std::string text = std::to_string(part);
  if (whole == 0) return text;
  const std::string all = std::to_string(whole);
  if (text.size() < all.size()) text.insert(0, all.size() - text.size(), ' ');
  return text + "/" + all;
}

/// 1,234,567
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, ",");
  return text;
}

std::uint64_t shown_epoch(const ProgressState& state) {
  return state.epochs == 0 ? state.epoch + 1 : std::min(state.epoch + 1, state.epochs);
}

std::string nodes_text(std::uint64_t nodes) {
  return std::to_string(nodes) + (nodes == 1 ? " node" : " nodes");
}

/// Eighths of a cell: one terminal column each, three bytes of UTF-8.
std::string cells(double share, std::size_t width) {
  static constexpr std::array<const char*, 8> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width * 8));
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
  out += kEighths[eighths % 8];
  const std::size_t drawn = eighths / 8 + (eighths % 8 != 0 ? 1 : 0);
  return out.append(width - drawn, ' ');
}

/// A figure of the bar, and how early it goes when there is no room: 0 never.
struct Figure {
  std::string text;
  int goes = 0;
};

std::vector<Figure> figures(const ProgressState& state) {
  std::vector<Figure> out{{"epoch " + of_text(shown_epoch(state), state.epochs), 0}};
  if (state.round < state.recomputed) {
    out.push_back({"recomputing " + grouped(state.round) + " / " + grouped(state.recomputed), 0});
  } else {
    out.push_back({"round " + of_text(state.round, state.rounds), 4});
  }
  if (state.loss) out.push_back({"loss " + loss_text(*state.loss), 1});
  if (state.validation_loss) out.push_back({"validation " + loss_text(*state.validation_loss), 3});
  out.push_back({rate_text(state.samples_per_second) + " samples/s", 5});
  out.push_back({nodes_text(state.nodes), 6});
  if (state.time_left) out.push_back({time_text(*state.time_left) + " left", 2});
  return out;
}

constexpr std::string_view kSeparator = "  ";

std::string joined(const std::vector<Figure>& parts) {
  std::string out;
  for (const Figure& part : parts) {
    if (!out.empty()) out += kSeparator;
    out += part.text;
  }
  return out;
}

std::size_t terminal_width(std::FILE* out) {
  winsize size{};
  if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kWidthUnknown;
  return size.ws_col;
}

void write(std::FILE* out, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), out);
  std::fflush(out);
}

}  // namespace

std::optional<ProgressMode> parse_progress_mode(std::string_view name) {
  if (name == "bar") return ProgressMode::bar;
  if (name == "lines") return ProgressMode::lines;
  if (name == "none") return ProgressMode::none;
  return std::nullopt;
}

std::string render_bar(const ProgressState& state, std::size_t width) {
  std::vector<Figure> parts = figures(state);
  // The bar and its two edges, when the end is known.
  const std::size_t least = state.rounds > 0 ? kBarCellsMin + 2 + kSeparator.size() : 0;
  std::string text = joined(parts);
  while (text.size() + least > width && parts.size() > 1) {
    parts.erase(
        std::max_element(parts.begin(), parts.end(), [](const Figure& a, const Figure& b) { return a.goes < b.goes; }));
    text = joined(parts);
  }
  if (text.size() > width) return text.substr(0, width);
  if (least == 0 || text.size() + least > width) return text;
  const std::size_t room = std::min(width - text.size() - kSeparator.size() - 2, kBarCellsMax);
  const double share = static_cast<double>(state.round) / static_cast<double>(state.rounds);
  return "▕" + cells(share, room) + "▏" + std::string(kSeparator) + text;
}

std::string render_line(const ProgressState& state) {
  std::string out = joined(figures(state));
  if (state.rounds > 0) {
    const double percent = 100.0 * static_cast<double>(state.round) / static_cast<double>(state.rounds);
    out = formatted("%3.0f%%", std::floor(percent)) + std::string(kSeparator) + out;
  }
  return out;
}

ProgressMode Progress::suitable_mode(std::FILE* out) {
  return isatty(fileno(out)) == 1 ? ProgressMode::bar : ProgressMode::lines;
}

Progress::Progress(ProgressMode mode, std::FILE* out) : mode_(mode), out_(out) {}

Progress::~Progress() {
  finish();
}

void Progress::update(const ProgressState& state, Clock::time_point now) {
  if (mode_ == ProgressMode::none) return;
  pending_ = state;
  const auto pause = mode_ == ProgressMode::bar ? Clock::duration(kBarPause) : Clock::duration(kLinePause);
  if (shown_at_ && now - *shown_at_ < pause) return;
  shown_at_ = now;
  draw();
}

void Progress::draw() {
  if (mode_ == ProgressMode::lines) {
    write(out_, render_line(*pending_) + "\n");
  } else {
    // Back to the first column, the new bar over the old one, and what the old one had more of is cleared: no flicker.
    // One column stays free, since some terminals wrap after a character in the last one.
    bar_ = render_bar(*pending_, terminal_width(out_) - 1);
    write(out_, "\r" + bar_ + "\x1b[K");
  }
  pending_.reset();
}

void Progress::erase() {
  if (!bar_.empty()) write(out_, "\r\x1b[K");
}

void Progress::note(std::string_view message) {
  erase();
  write(out_, std::string(message) + "\n" + bar_);
}

void Progress::finish() {
  if (mode_ == ProgressMode::lines && pending_) draw();
  erase();
  bar_.clear();
  mode_ = ProgressMode::none;
  pending_.reset();
}

}  // namespace fulmar::actors
