/** Tests of the programs in the folder {@code catalogue}, with the packages from npm. */
@NullMarked
package io.dropserver.tests.catalogue;

import org.jspecify.annotations.NullMarked;
