import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists what an unpacked package contains: completes Maven's bill of materials (CycloneDX) with the
 * Java runtime and Deno, and collects the licence of each component in {@code licences/}. Fails if
 * a jar is not in the bill, or a component has no licence text.
 *
 * <p>{@code java -cp 'TREE/lib/*' Contents.java TREE MAVENS_BILL CHECKOUT OUTPUT}
 */
public final class Contents {
  private static final Pattern LICENCE_FILE =
      Pattern.compile("(?i)(META-INF/)?(licen[sc]e|notice|copying|about)[^/]*\\.?(txt|md|html)?");

  /** Spellings of authors that the plugin does not map to an SPDX id. */
  private static final Pattern APACHE = Pattern.compile("(?i)(the )?apache\\b.*\\b2(\\.0)?");

  /** Names that authors use for licences whose text is in the checkout. */
  private static final Map<String, String> TEXTS =
      Map.of(
          "Apache-2.0", "LICENSE",
          "EPL-2.0", "packaging/licences/EPL-2.0.txt",
          "CC0-1.0", "packaging/licences/CC0-1.0.txt",
          "CC0", "packaging/licences/CC0-1.0.txt",
          // A text of this licence contains the names of the authors.
          "BSD-3-Clause of asm", "packaging/licences/asm.txt",
          "BSD-3-Clause of protobuf-java", "packaging/licences/protobuf-java.txt");

  private final JsonMapper json =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private final Path tree;
  private final Path checkout;
  private final Path licences;
  private final TreeMap<String, String> rows = new TreeMap<>();

  private Contents(Path tree, Path checkout) {
    this.tree = tree;
    this.checkout = checkout;
    this.licences = tree.resolve("licences");
  }

  public static void main(String[] arguments) throws IOException {
    Path tree = Path.of(arguments[0]);
    try {
      new Contents(tree, Path.of(arguments[2])).run(Path.of(arguments[1]), Path.of(arguments[3]));
    } catch (IllegalStateException e) {
      System.err.println("release: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run(Path mavensBill, Path output) throws IOException {
    ObjectNode bill = (ObjectNode) json.readTree(mavensBill);
    Map<String, ObjectNode> components = new TreeMap<>();
    for (JsonNode component : bill.withArray("components")) {
      components.put(fileName(component), (ObjectNode) component);
    }
    for (Path jar : jars()) {
      ObjectNode component = components.get(jar.getFileName().toString());
      if (component == null && !isOwn(jar)) {
        throw new IllegalStateException(jar + " is not in the bill of materials " + mavensBill);
      }
      if (component != null && !isOwn(jar)) {
        addLicence(jar, component);
      }
    }
    components.put("deno", deno());
    components.put("openjdk", runtime());
    ArrayNode all = bill.putArray("components");
    components.values().forEach(all::add);
    Files.writeString(output, json.writeValueAsString(bill) + "\n");
    Files.writeString(licences.resolve("COMPONENTS.md"), table());
  }

  private List<Path> jars() throws IOException {
    try (Stream<Path> files = Files.list(tree.resolve("lib"))) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  private static boolean isOwn(Path jar) {
    return jar.getFileName().toString().startsWith("dropserver-");
  }

  private static String fileName(JsonNode component) {
    return component.path("name").asString() + "-" + component.path("version").asString() + ".jar";
  }

  private void addLicence(Path jar, ObjectNode component) throws IOException {
    String name = component.path("name").asString();
    List<String> names = licenceNames(component);
    String text = extract(jar, name);
    if (text.isEmpty()) {
      text =
          names.stream()
              .flatMap(licence -> Stream.of(licence, licence + " of " + name))
              .filter(TEXTS::containsKey)
              .findFirst()
              .map(this::copyText)
              .orElse("");
    }
    if (text.isEmpty()) {
      throw new IllegalStateException(
          jar + " contains no licence, and no text of " + names + " is in packaging/licences");
    }
    addRow(name, component.path("version").asString(), String.join(" or ", names), text);
  }

  private static List<String> licenceNames(JsonNode component) {
    List<String> names = new ArrayList<>();
    for (JsonNode entry : component.path("licenses")) {
      JsonNode licence = entry.path("license");
      names.add(
          Stream.of(licence.path("id"), licence.path("name"), entry.path("expression"))
              .filter(JsonNode::isString)
              .map(JsonNode::asString)
              .map(name -> APACHE.matcher(name).matches() ? "Apache-2.0" : name)
              .findFirst()
              .orElse("unknown"));
    }
    return names;
  }

  /** Copies the licence files of a jar and returns their folder, or nothing if there are none. */
  private String extract(Path jar, String name) throws IOException {
    String folder = "";
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
        if (entry.isDirectory() || !LICENCE_FILE.matcher(entry.getName()).matches()) {
          continue;
        }
        String file = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
        write(licences.resolve(name).resolve(file), zip.getInputStream(entry).readAllBytes());
        folder = name + "/";
      }
    }
    return folder;
  }

  private String copyText(String licence) {
    try {
      Path text = checkout.resolve(TEXTS.get(licence));
      String name = licence.equals("Apache-2.0") ? "Apache-2.0.txt" : text.getFileName().toString();
      write(licences.resolve("texts").resolve(name), Files.readAllBytes(text));
      return "texts/" + name;
    } catch (IOException e) {
      throw new IllegalStateException(e.toString(), e);
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private ObjectNode deno() throws IOException {
    String version =
        json.readTree(checkout.resolve("tools/package.json"))
            .path("dependencies")
            .path("deno")
            .asString();
    write(
        licences.resolve("deno/LICENSE"),
        Files.readAllBytes(checkout.resolve("tools/node_modules/deno/LICENSE")));
    addRow("deno", version, "MIT", "deno/");
    ObjectNode component = component("deno", version, "pkg:npm/deno@" + version, "MIT");
    component
        .putArray("hashes")
        .addObject()
        .put("alg", "SHA-256")
        .put("content", sha256(tree.resolve("deno/deno")));
    return component;
  }

  private ObjectNode runtime() throws IOException {
    Properties release = new Properties();
    try (var reader = Files.newBufferedReader(tree.resolve("runtime/release"))) {
      release.load(reader);
    }
    String version =
        release.getProperty("JAVA_RUNTIME_VERSION", release.getProperty("JAVA_VERSION"));
    version = version.replace("\"", "");
    String licence = "GPL-2.0-with-classpath-exception";
    addRow("openjdk", version, licence, "../runtime/legal/");
    return component(
        "openjdk", version, "pkg:generic/openjdk@" + version.replace("+", "%2B"), licence);
  }

  private ObjectNode component(String name, String version, String purl, String licence) {
    ObjectNode component =
        json.createObjectNode()
            .put("type", "application")
            .put("bom-ref", purl)
            .put("name", name)
            .put("version", version);
    component.putArray("licenses").addObject().putObject("license").put("id", licence);
    return component.put("purl", purl);
  }

  private void addRow(String name, String version, String licence, String text) {
    rows.put(name, "| %s | %s | %s | [%s](%s) |".formatted(name, version, licence, text, text));
  }

  private String table() {
    return """
    # Components

    Everything in this package, with its licence. Dropserver itself is licensed under Apache-2.0 (../LICENSE).
    Where several licences are named, the licensee may choose.

    | Component | Version | Licence | Text |
    |---|---|---|---|
    """
        + String.join("\n", rows.values())
        + "\n";
  }

  private static String sha256(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
