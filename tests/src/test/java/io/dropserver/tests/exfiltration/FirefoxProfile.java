package io.dropserver.tests.exfiltration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An ordinary Firefox profile without background requests. */
final class FirefoxProfile {

  /** Only background requests are disabled. Whatever a page can trigger keeps its default. */
  private static final String PREFERENCES =
      """
      // Nothing that the browser says of its own accord.
      app.normandy.enabled=false
      app.update.auto=false
      app.update.disabledForTesting=true
      app.update.enabled=false
      browser.aboutwelcome.enabled=false
      browser.contentblocking.report.hide_vpn_banner=true
      browser.discovery.enabled=false
      browser.newtabpage.enabled=false
      browser.region.update.enabled=false
      browser.safebrowsing.blockedURIs.enabled=false
      browser.safebrowsing.downloads.enabled=false
      browser.safebrowsing.malware.enabled=false
      browser.safebrowsing.phishing.enabled=false
      browser.search.update=false
      browser.sessionstore.resume_from_crash=false
      browser.shell.checkDefaultBrowser=false
      browser.startup.homepage_override.mstone="ignore"
      browser.startup.page=0
      browser.tabs.closeWindowWithLastTab=false
      browser.urlbar.suggest.searches=false
      datareporting.healthreport.uploadEnabled=false
      datareporting.policy.dataSubmissionEnabled=false
      dom.push.connection.enabled=false
      extensions.getAddons.cache.enabled=false
      extensions.systemAddon.update.enabled=false
      extensions.update.enabled=false
      media.gmp-manager.updateEnabled=false
      network.captive-portal-service.enabled=false
      network.connectivity-service.enabled=false
      services.settings.server="data:,"
      toolkit.telemetry.enabled=false
      toolkit.telemetry.server=""
      toolkit.telemetry.unified=false
      // Names are asked of the machine's own resolver, as the suite's name server must see them.
      network.trr.mode=5
      // Everything here is on this machine, which is no reason to stop anything.
      media.peerconnection.ice.loopback=true
      network.lna.blocking=false
      network.lna.enabled=false
      // A person who allows what can be allowed ahead.
      permissions.default.desktop-notification=1
      // A sheet of paper that nobody has to be asked about.
      print.always_print_silent=true
      """;

  private FirefoxProfile() {}

  /** Writes the profile into an empty folder. */
  static void write(Path folder) throws IOException {
    StringBuilder file = new StringBuilder();
    for (String line : PREFERENCES.lines().toList()) {
      if (!line.startsWith("//")) {
        int sign = line.indexOf('=');
        String name = line.substring(0, sign);
        file.append("user_pref(\"%s\", %s);%n".formatted(name, line.substring(sign + 1)));
      }
    }
    Files.writeString(folder.resolve("user.js"), file);
  }
}
