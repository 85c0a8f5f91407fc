package io.dropserver.tests;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.dropserver.backup.schedule.CronScheduler;
import io.dropserver.schema.instance.Cron;
import io.dropserver.schema.instance.Schedule;
import io.dropserver.state.condition.Condition;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** Checks the dependency table of ARCHITECTURE.md. */
@AnalyzeClasses(
    packages = "io.dropserver",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoBenchmarks.class})
class ArchitectureTest {
  private static final String HTTP1 = "io.dropserver.base.http1";
  private static final String GENERATED = "io.dropserver.state.tables";

  private static final Set<String> CLIENTS =
      names(
          "web.control",
          "ControlClient",
          "BackupClient",
          "SecretClient",
          "UpdateClient",
          "UserClient");

  private static final Set<String> LOOP =
      names(
          "reconciler",
          "ReconcileLoop",
          "ReconcileCycle",
          "CycleResult",
          "EmptiedRevision",
          "RetainedObjects",
          "RevisionConverger",
          "RevisionReader",
          "RevisionStatusReporter",
          "package-info");

  @ArchTest static final ArchRule baseDependsOnNoOtherModule = mayDependOn("base");

  @ArchTest static final ArchRule schema = mayDependOn("schema", "base");

  @ArchTest static final ArchRule state = mayDependOn("state", "base", "schema");

  @ArchTest static final ArchRule control = mayDependOn("control", "base", "schema", "state");

  @ArchTest static final ArchRule egress = mayDependOn("egress", "base", "schema", "state");

  @ArchTest
  static final ArchRule sandbox = mayDependOn("sandbox", "base", "schema", "state", "egress");

  @ArchTest
  static final ArchRule backup = mayDependOn("backup", "base", "schema", "state", "sandbox");

  @ArchTest
  static final ArchRule web =
      mayDependOn("web", "base", "schema", "state", "control", "egress", "sandbox");

  @ArchTest
  static final ArchRule reconciler =
      mayDependOn(
          "reconciler", "base", "schema", "state", "control", "egress", "sandbox", "backup");

  @ArchTest
  static final ArchRule onlyTheFrontDoorAndTheProcessKnowJetty =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.dropserver.web..", "io.dropserver.server..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.jetty..");

  @ArchTest
  static final ArchRule theCommandLineUsesOnlyTheClientsOfWeb =
      noClasses()
          .that()
          .resideInAPackage("io.dropserver.cli..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.dropserver.web..", "org.eclipse.jetty..")
                  .and(not(in("clients of the control API", CLIENTS))));

  @ArchTest
  static final ArchRule onlyTheCommandLineUsesTheServer =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.dropserver.server..", "io.dropserver.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.dropserver.server..", "io.dropserver.cli..");

  @ArchTest
  static final ArchRule theCompositionRootOnlyWires =
      noClasses()
          .that()
          .resideInAPackage("io.dropserver.server")
          .should()
          .haveNameMatching(".*(Trial|Monitor|Metrics|\\.Cron\\w*)")
          .because("each of these belongs to the package of its subject");

  @ArchTest
  static final ArchRule theRootOfTheReconcilerHasTheLoopItsCycleAndTheirHelpersOnly =
      classes()
          .that()
          .resideInAPackage("io.dropserver.reconciler")
          .should(ArchConditions.be(in("listed in this test", LOOP)));

  @ArchTest
  static final ArchRule theClassesOfTheLoopFormNoCycle =
      slices().assignedFrom(new ByClassOfTheLoop()).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule conditionsAreMadeOfTypedReasons =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.dropserver.state.condition")
          .should()
          .callConstructor(
              Condition.class,
              String.class,
              boolean.class,
              String.class,
              String.class,
              Optional.class,
              Instant.class)
          .because("the constructor with plain words is for JSON");

  @ArchTest
  static final ArchRule onlyTheCommandLineUsesTheProcessItself =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.dropserver.cli..")
          .should()
          .callMethod(System.class, "exit", int.class);

  @ArchTest
  static final ArchRule onlyTheLinuxPackagesMakeNativeCalls =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.dropserver.base.linux", "io.dropserver.sandbox.linux")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.lang.foreign..")
          .because("one linker and one way to read errno(3) serve all modules");

  @ArchTest
  static final ArchRule onlyOnePackageStartsPrograms =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.dropserver.base.process")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(ProcessBuilder.class)
          .orShould()
          .callMethodWhere(
              DescribedPredicate.describe(
                  "Runtime.exec",
                  call ->
                      call.getTargetOwner().isEquivalentTo(Runtime.class)
                          && call.getName().equals("exec")))
          .because("Program bounds outputs, and ends a program with all that it started");

  @ArchTest
  static final ArchRule theHttpParserDependsOnNoOtherPackage =
      classes()
          .that()
          .resideInAPackage(HTTP1)
          .should()
          .onlyDependOnClassesThat(
              resideInAPackage(HTTP1)
                  .or(resideOutsideOfPackages("io.dropserver..", "org.eclipse.jetty..")))
          .because("its tests need neither sockets nor Jetty");

  @ArchTest
  static final ArchRule noOtherHttpParserReadsUntrustedHeads =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.eclipse.jetty.http.HttpParser")
          .orShould()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.jetty.client..")
          .because("base.http1 parses what apps and destinations send; Jetty's server is strict");

  @ArchTest
  static final ArchRule oneJsonMapperServesAll =
      noClasses()
          .that(
              not(
                  in(
                      "with a format of their own",
                      Set.of(
                          "io.dropserver.base.text.JsonText",
                          "io.dropserver.cli.app.ConfigFile",
                          "io.dropserver.cli.output.Json",
                          "io.dropserver.sandbox.app.AppConfig"))))
          .should()
          .callConstructor(JsonMapper.class)
          .orShould()
          .callMethod(JsonMapper.class, "builder")
          .because("JsonMapper.shared() and JsonText have the settings of all others");

  @ArchTest
  static final ArchRule cronHasOneMeaning =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching("org\\.quartz\\.(.*\\.)?Cron.*")
          .because("Cron.next decides when backups and jobs are due");

  @ArchTest
  static final ArchRule oneClassPlansBackupsAndJobs =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(Schedule.class.getName())
          .should()
          .callMethod(Cron.class, "next", Instant.class, ZoneId.class)
          .because("Schedule has the one rule for missed times and for dates that are set back");

  @ArchTest
  static final ArchRule oneClassUsesQuartz =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(CronScheduler.class.getName())
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.quartz..")
          .because("Quartz does not follow a date that is set back; CronScheduler does");

  @ArchTest
  static final ArchRule noPackageCycles =
      slices().assignedFrom(new ByPackage()).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule noStaticStateThatChanges =
      noFields()
          .that()
          .areStatic()
          .and()
          .areNotFinal()
          .and()
          .areDeclaredInClassesThat(resideOutsideOfPackage(GENERATED + ".."))
          .should()
          .beDeclaredInClassesThat(resideInAPackage("io.dropserver.."))
          .allowEmptyShould(true)
          .because("no singletons: what changes is owned by an object that is handed over");

  private static Set<String> names(String parent, String... classes) {
    return Stream.of(classes)
        .map(name -> "io.dropserver." + parent + "." + name)
        .collect(Collectors.toSet());
  }

  /** Matches these classes and the classes that they enclose. */
  private static DescribedPredicate<JavaClass> in(String description, Set<String> names) {
    return DescribedPredicate.describe(description, type -> names.contains(outermost(type)));
  }

  private static String outermost(JavaClass type) {
    return type.getName().split("\\$", 2)[0];
  }

  private static ArchRule mayDependOn(String module, String... others) {
    String[] allowed =
        Stream.concat(Stream.of(module), Stream.of(others))
            .map(name -> "io.dropserver." + name + "..")
            .toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage("io.dropserver." + module + "..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(allowed).or(resideOutsideOfPackage("io.dropserver..")));
  }

  /** One slice per package. All code generated by jOOQ is one slice. */
  private static final class ByPackage implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String name = type.getPackageName();
      return SliceIdentifier.of(name.startsWith(GENERATED) ? GENERATED : name);
    }

    @Override
    public String getDescription() {
      return "packages";
    }
  }

  /** One slice per class of the reconciler's root package, with the classes that it encloses. */
  private static final class ByClassOfTheLoop implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String name = outermost(type);
      return LOOP.contains(name) ? SliceIdentifier.of(name) : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "classes of the loop";
    }
  }

  /** Excludes benchmarks, which may use everything. */
  static final class NoBenchmarks implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/bench/");
    }
  }
}
