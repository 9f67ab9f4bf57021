// What is kept of a fit is the fit, bit for bit, and what is not quite that is not taken.
#include "data/climatology_cache.hpp"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <boost/test/unit_test.hpp>

#include "tests/data/netcdf_writer.hpp"
#include "tests/data/small_world.hpp"

namespace fulmar::data::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFactor = 4;

/// A world, opened anew: nothing is in memory yet.
struct World {
  explicit World(const std::string& path)
      : fields(*GriddedDataset::open({path}, {"T", "S"}, {}), std::size_t{1} << 20),
        regridding(fields.dataset().grid().rows(), fields.dataset().grid().columns(), kFactor,
                   fields.dataset().grid().periodic),
        weights(row_weights(fields.dataset().grid())) {
    for (std::size_t month = 0; month < 24; ++month) training.push_back(month);
  }
  Result<Climatology> recall(const ClimatologyCache& cache, AnomalyKind kind = AnomalyKind::month) {
    return recall_or_fit(cache, fields, training, kind, regridding, weights);
  }
  std::optional<std::string> key(AnomalyKind kind = AnomalyKind::month) const {
    return climatology_key(fields.dataset(), training, kind, kFactor);
  }

  FieldCache fields;
  Regridding regridding;
  std::vector<double> weights;
  std::vector<std::size_t> training;
};

/// An empty folder's path, there or not.
std::string fresh_folder(const std::string& name) {
  const std::string folder = temporary_path(name);
  fs::remove_all(folder);
  return folder;
}

/// The one entry of the cache.
fs::path entry_in(const std::string& folder) {
  BOOST_REQUIRE(std::distance(fs::directory_iterator(folder), {}) == 1);
  return fs::directory_iterator(folder)->path();
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(climatology_cache_test)

BOOST_AUTO_TEST_CASE(a_fit_is_recalled_bit_for_bit_without_reading_a_field) {
  const std::string path = write_world("recalled.nc", {3, 17});
  for (const AnomalyKind kind : {AnomalyKind::month, AnomalyKind::none}) {
    const ClimatologyCache cache(fresh_folder("recall"));
    World first(path), second(path);
    const auto fitted = first.recall(cache, kind);
    const auto recalled = second.recall(cache, kind);
    BOOST_REQUIRE(fitted.ok() && recalled.ok());
    BOOST_TEST(first.fields.file_reads() > 0U);
    BOOST_TEST(second.fields.file_reads() == 0U);
    BOOST_TEST((recalled->kind() == kind));
    BOOST_TEST((recalled->to_bytes() == fitted->to_bytes()));
    BOOST_TEST(std::isnan(recalled->fine(0, 1)[17]));
  }
}

BOOST_AUTO_TEST_CASE(bytes_are_the_whole_climatology) {
  World world(write_world("bytes.nc"));
  const Result<Climatology> fitted = world.recall(ClimatologyCache({}));
  BOOST_REQUIRE(fitted.ok());
  const std::optional<Climatology> read = Climatology::from_bytes(fitted->to_bytes());
  BOOST_REQUIRE(read.has_value());
  for (std::size_t v = 0; v < 2; ++v) {
    for (int month = 1; month <= 12; ++month) {
      BOOST_TEST(read->fine(v, month) == fitted->fine(v, month), boost::test_tools::per_element());
      BOOST_TEST(read->coarse(v, month) == fitted->coarse(v, month), boost::test_tools::per_element());
    }
    BOOST_TEST(read->scales(v).mean == fitted->scales(v).mean);
    BOOST_TEST(read->scales(v).deviation == fitted->scales(v).deviation);
    BOOST_TEST(read->scales(v).anomaly_rms == fitted->scales(v).anomaly_rms);
  }
}

BOOST_AUTO_TEST_CASE(whatever_a_fit_depends_on_is_in_its_key) {
  const std::string path = write_world("keyed.nc");
  const World world(path);
  const auto key = world.key();
  BOOST_REQUIRE(key.has_value());
  BOOST_TEST((World(path).key() == key));
  BOOST_TEST((world.key(AnomalyKind::none) != key));
  World shorter(path);
  shorter.training.pop_back();
  BOOST_TEST((shorter.key() != key));
  BOOST_TEST((climatology_key(world.fields.dataset(), world.training, AnomalyKind::month, 2) != key));
  BOOST_TEST((World(write_world("elsewhere.nc")).key() != key));

  fs::last_write_time(path, fs::last_write_time(path) + std::chrono::seconds(1));
  BOOST_TEST((world.key() != key));
  fs::remove(path);
  BOOST_TEST(!world.key().has_value());
}

BOOST_AUTO_TEST_CASE(a_damaged_entry_is_none_and_is_replaced) {
  const std::string path = write_world("damaged.nc");
  const std::string folder = fresh_folder("damaged");
  const ClimatologyCache cache(folder);
  const auto fitted = World(path).recall(cache);
  BOOST_REQUIRE(fitted.ok());
  const fs::path entry = entry_in(folder);
  const std::string whole = content(entry);
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 1);
  for (const std::string& bytes : {flipped, whole.substr(0, whole.size() - 1), whole.substr(0, 40), std::string()}) {
    write(entry, bytes);
    BOOST_TEST(!cache.find(*World(path).key()).has_value());
    const auto again = World(path).recall(cache);
    BOOST_REQUIRE(again.ok());
    BOOST_TEST((again->to_bytes() == fitted->to_bytes()));
    BOOST_TEST((content(entry) == whole));
  }
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_written_costs_nothing_but_time) {
  const std::string path = write_world("unwritable.nc");
  const std::string folder = fresh_folder("no-folder");
  write(folder, "a file is in the way");
  for (const fs::path& nowhere : {fs::path(folder), fs::path()}) {
    World world(path);
    BOOST_TEST(world.recall(ClimatologyCache(nowhere)).ok());
    BOOST_TEST(world.fields.file_reads() > 0U);
  }
  BOOST_TEST(content(folder) == "a file is in the way");
}

BOOST_AUTO_TEST_CASE(only_the_newest_entries_are_kept) {
  const std::string folder = fresh_folder("full");
  const ClimatologyCache cache(folder);
  const auto fitted = World(write_world("full.nc")).recall(ClimatologyCache({}));
  BOOST_REQUIRE(fitted.ok());
  fs::create_directories(folder);
  write(fs::path(folder) / "somebody else's", "file");
  for (std::size_t i = 0; i < ClimatologyCache::kEntriesMax + 3; ++i) {
    cache.keep("key" + std::to_string(i), *fitted);
    for (const auto& entry : fs::directory_iterator(folder)) {  // each a second older than the next
      fs::last_write_time(entry, fs::last_write_time(entry) - std::chrono::seconds(1));
    }
  }
  BOOST_TEST(!cache.find("key2").has_value());
  BOOST_TEST(cache.find("key3").has_value());
  BOOST_TEST(fs::exists(fs::path(folder) / "somebody else's"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::data::test
