// The two pages for people: the status page of a head, and the report of a run, a file of its own. Neither needs
// another file, and neither can reach another host.
// Thread rule: pure.
//
// PAGE-1: a page runs the scripts and styles that the build put into it, and no others: its policy names each by its
// hash, so what an event or a node's name says can never become a script.
#pragma once

#include <string>
#include <string_view>

namespace fulmar::monitoring {

std::string_view status_page();

/// The Content-Security-Policy of the status page: it may ask its own server, and show pictures that are in it.
const std::string& status_page_policy();

/// The report with its data in it; its policy is in it as well, since a file has no header. It asks nobody.
std::string report_page(std::string_view data_json);

/// Of a page with blocks <style>...</style> and <script>...</script>; `connect` is who it may ask: "'self'", "'none'".
std::string content_policy(std::string_view page, std::string_view connect);

}  // namespace fulmar::monitoring
