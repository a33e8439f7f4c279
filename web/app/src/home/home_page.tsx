import { PageHeader } from '../shared/page_header.tsx';

export function HomePage() {
  return (
    <>
      <PageHeader current="home" />
      <main id="main" className="p-4">
        <h1 className="text-xl font-semibold">Choose a room</h1>
      </main>
    </>
  );
}
