import { defineConfig } from 'vitest/config'

/** Unit tests run side by side; journeys start whole platforms, so they take turns. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Stylesheets are served as they are; else they would be empty here.
          css: true,
          include: ['libs/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'deploy/**/*.test.ts', 'test/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'journeys',
          include: [
            'test/journeys/**/*.test.ts',
            'test/chaos/**/*.test.ts',
            'test/marathon/**/*.test.ts',
            'test/kit/**/*.test.ts',
          ],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
