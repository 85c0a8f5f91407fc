package io.dropserver.backup.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * An appspace to back up.
 *
 * @param dataId id of the data folder
 * @param files the folder to back up
 * @param storageBytes storage limit of the appspace
 */
public record BackupSource(
    String appspace, String dataId, Path files, long storageBytes, AppspaceDeclaration declared) {

  /**
   * Properties of the appspace that the manifest records with the data.
   *
   * @param content identifies the files of the app version
   * @param source the pinned source of that version
   * @param users permissions of each member, without the owner
   * @param revision the commit that declared the appspace
   */
  public record AppspaceDeclaration(
      String app,
      String version,
      String content,
      String source,
      String owner,
      SortedMap<String, List<String>> users,
      String revision) {}

  /** Returns the tags of a new snapshot. */
  List<String> tags() {
    return Stream.concat(
            group().stream(), Stream.of("version:" + declared.version(), "data:" + dataId))
        .toList();
  }

  /**
   * Returns the tags that all snapshots of the appspace share. An appspace of the same name with
   * another app or owner has different tags.
   */
  List<String> group() {
    return group(appspace, declared.app(), declared.owner());
  }

  /** Returns the tags that all snapshots of an appspace with this app and owner share. */
  public static List<String> group(String appspace, String app, String owner) {
    return List.of("appspace:" + appspace, "app:" + app, "owner:" + owner);
  }
}
