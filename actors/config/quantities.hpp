// The quantities a config spells as text ("30s", "512MB", "1982-01"), and values as TOML spells them.
// Thread rule: pure functions.
//
// QUANTITY-1: what a *_text() function writes, its parser (or TOML's) reads back as the same value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fulmar::config {

/// "250ms", "30s", "5min", "2h": a whole number and a unit. None: it is something else, or does not fit.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);
/// In the largest unit that divides it; whole milliseconds only.
std::string duration_text(std::chrono::nanoseconds duration);

/// "512MB": a whole number and B, kB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024).
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string size_text(std::uint64_t bytes);

/// Whether `text` is "YYYY-MM", a month there is.
bool is_month(std::string_view text);

/// A TOML float that reads back as the same bits.
std::string real_text(double value);
/// A TOML basic string.
std::string quoted(std::string_view text);

}  // namespace fulmar::config
