package io.dropserver.reconciler.source;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheEditor;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.TreeFilter;

/** Reads and creates commits in the local repository. Thread-safe. */
public final class History {
  private final Repository repository;
  private final Optional<SigningKey> signing;

  /**
   * @param signing key that signs the commits made here
   */
  History(Repository repository, Optional<SigningKey> signing) {
    this.repository = repository;
    this.signing = signing;
  }

  /**
   * The author of a commit.
   *
   * @param email never blank, because Git refuses a blank address
   */
  public record Author(String name, String email) {}

  /**
   * Creates a commit that adds or replaces one file.
   *
   * @return the ID of the commit; no reference points at it yet
   */
  public String commit(
      String base, String path, byte[] content, Author author, String message, Instant time) {
    try (ObjectInserter inserter = repository.newObjectInserter();
        RevWalk walk = new RevWalk(repository)) {
      RevCommit parent = walk.parseCommit(ObjectId.fromString(base));
      DirCache index = DirCache.read(walk.getObjectReader(), parent.getTree());
      ObjectId blob = inserter.insert(Constants.OBJ_BLOB, content);
      DirCacheEditor editor = index.editor();
      editor.add(
          new DirCacheEditor.PathEdit(path) {
            @Override
            public void apply(DirCacheEntry entry) {
              if (entry.getRawMode() == 0) {
                entry.setFileMode(FileMode.REGULAR_FILE);
              }
              entry.setObjectId(blob);
            }
          });
      editor.finish();
      PersonIdent person = new PersonIdent(author.name(), author.email(), time, ZoneOffset.UTC);
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(index.writeTree(inserter));
      commit.setParentId(parent);
      commit.setAuthor(person);
      commit.setCommitter(person);
      commit.setMessage(message);
      signing.ifPresent(key -> key.sign(repository, commit));
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      return id.name();
    } catch (IOException e) {
      throw unreadable(base, e);
    }
  }

  /** Returns whether a commit is the head or an ancestor of it. */
  public boolean contains(String head, String commit) {
    try (RevWalk walk = new RevWalk(repository)) {
      ObjectId id = ObjectId.fromString(commit);
      return has(commit)
          && walk.isMergedInto(walk.parseCommit(id), walk.parseCommit(ObjectId.fromString(head)));
    } catch (IOException e) {
      throw unreadable(head, e);
    }
  }

  public boolean has(String commit) {
    try {
      return repository.getObjectDatabase().has(ObjectId.fromString(commit));
    } catch (IOException e) {
      throw unreadable(commit, e);
    }
  }

  public String message(String commit) {
    try (RevWalk walk = new RevWalk(repository)) {
      return walk.parseCommit(ObjectId.fromString(commit)).getFullMessage();
    } catch (IOException e) {
      throw unreadable(commit, e);
    }
  }

  public Author committer(String commit) {
    try (RevWalk walk = new RevWalk(repository)) {
      PersonIdent person = walk.parseCommit(ObjectId.fromString(commit)).getCommitterIdent();
      return new Author(person.getName(), person.getEmailAddress());
    } catch (IOException e) {
      throw unreadable(commit, e);
    }
  }

  /**
   * Returns whether the commit and the head both change a file, compared with the commit's parent.
   */
  public boolean conflictsWith(String commit, String head) {
    try (RevWalk walk = new RevWalk(repository);
        TreeWalk trees = new TreeWalk(repository)) {
      RevCommit ours = walk.parseCommit(ObjectId.fromString(commit));
      RevCommit base = walk.parseCommit(ours.getParent(0));
      RevCommit theirs = walk.parseCommit(ObjectId.fromString(head));
      trees.setRecursive(true);
      trees.setFilter(TreeFilter.ANY_DIFF);
      trees.addTree(base.getTree());
      trees.addTree(ours.getTree());
      trees.addTree(theirs.getTree());
      while (trees.next()) {
        boolean oursChanged = !trees.idEqual(0, 1);
        boolean theirsChanged = !trees.idEqual(0, 2);
        if (oursChanged && theirsChanged) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw unreadable(commit, e);
    }
  }

  private static SourceException unreadable(String commit, IOException cause) {
    return new SourceException(
        "commit " + commit + " is not readable here: " + cause.getMessage(), cause);
  }
}
